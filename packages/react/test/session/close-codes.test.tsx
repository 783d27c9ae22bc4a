// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { openUntilConnected } from '../support/steps.ts'
import { sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

/** When the status is read after a connection was closed, in ms: the test's jitter is always the longest. */
const LONGEST = 10_000

// PROTOCOL.md: "Close codes".
describe('a connection that the backend closes', () => {
  it.each([
    [1003, 'bad_request'],
    [1007, 'bad_request'],
    [1009, 'payload_too_large'],
    [4401, 'unauthenticated'],
    [4403, 'forbidden'],
    [4422, 'internal'],
  ])('with %i ends the session with %s, until the user asks for more', async (closeCode, code) => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop(closeCode))
    expect(page.session).toMatchObject({ phase: 'failed', error: { code } })
    await page.passes(LONGEST)
    expect(page.open()).toEqual([])
    await page.does(() => page.session.retry())
    expect(page.posts()).toHaveLength(2)
  })

  it.each([
    [1000, 100, 'at once'],
    [1006, 100, 'at once'],
    [4000, 100, 'at once'],
    [4409, 100, 'at once'],
    [1013, 1000, 'after a second'],
    [4429, 1000, 'after a second'],
  ])('with %i is made again within %i ms: %s', async (closeCode, ms) => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop(closeCode))
    expect(page.session.phase).toBe('reconnecting')
    await page.passes(ms - 1)
    expect(page.looks()).toHaveLength(0)
    await page.passes(1)
    await page.passes(1)
    expect(page.looks()).toHaveLength(1)
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    // Four times as long as the platform took to tell.
    await page.passes(4)
    expect(page.posts()).toHaveLength(2)
  })

  it.each([1013, 4429])('with %i again and again is made again later each time', async (closeCode) => {
    const page = await openUntilConnected()
    const waits: number[] = []
    for (let time = 1; time <= 5; time++) {
      await page.does(() => page.sockets.at(-1)?.drop(closeCode))
      let waited = 0
      while (page.looks().length < time && waited < LONGEST) {
        await page.passes(500)
        waited += 500
      }
      waits.push(waited)
      await page.does(() =>
        page
          .looks()
          .at(-1)
          ?.reply({ state: 'Ready', time: timeAt(0) }),
      )
      await page.does(() =>
        page
          .posts()
          .at(-1)
          ?.reply(sessionOf('a', 'Ready', false)),
      )
      await page.does(() => page.sockets.at(-1)?.open())
    }
    expect(waits[0]).toBeGreaterThanOrEqual(1000)
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits)
    expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0)
  })
})
