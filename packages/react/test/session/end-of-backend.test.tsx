// @vitest-environment jsdom
import type { BackendStatus } from '@session-backend/core'
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { connectDocument, openUntilConnected } from '../support/steps.ts'
import { sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

type Page = Awaited<ReturnType<typeof openUntilConnected>>

/** The backend ends, and its replacement is requested `wait` ms later: not before, and not after. */
async function endsAndIsReplaced(page: Page, status: BackendStatus, wait: number) {
  const posts = page.posts().length
  await page.does(() => page.streams().at(-1)?.tell(status))
  if (wait > 0) {
    expect(page.session).toMatchObject({ phase: 'reconnecting', status })
    expect(page.sockets.at(-1)).toMatchObject({ readyState: 3 })
    await page.passes(wait - 1)
    expect(page.posts()).toHaveLength(posts)
    await page.passes(1)
  }
  expect(page.posts()).toHaveLength(posts + 1)
}

describe('a backend that ends while somebody is connected', () => {
  it.each(['Swept', 'Lost'] as const)('is replaced at once where it was %s', async (status) => {
    const page = await openUntilConnected()
    await endsAndIsReplaced(page, status, 0)
    await connectDocument(page, 'b')
    expect(page.session).toMatchObject({ phase: 'connected', name: 'b', status: 'Ready' })
  })

  it.each(['Failed', 'ErrorLoading', 'ErrorStarting', 'TimedOutBeforeReady', 'Terminated'] as const)(
    'is replaced after a wait where it was %s',
    async (status) => {
      await endsAndIsReplaced(await openUntilConnected(), status, 1000)
    },
  )

  it('is replaced 3 times within 60 s, after 1, 2 and 4 s; then it is a crash loop', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000]) {
      await endsAndIsReplaced(page, 'Failed', wait)
      await connectDocument(page, `after-${wait}`)
    }
    await page.does(() => page.streams().at(-1)?.tell('Failed'))
    expect(page.session).toMatchObject({ phase: 'failed', status: 'Failed', error: { code: 'crash_loop' } })
    expect([page.open(), page.timers()]).toEqual([[], 0])
  })

  it('is replaced with a new budget after retry()', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000]) {
      await endsAndIsReplaced(page, 'Failed', wait)
      await connectDocument(page, `after-${wait}`)
    }
    await page.does(() => page.streams().at(-1)?.tell('Failed'))
    await page.does(() => page.session.retry())
    await connectDocument(page, 'again')
    await endsAndIsReplaced(page, 'Failed', 1000)
  })

  it('is replaced again after 60 s without an end', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000, 1000]) {
      await endsAndIsReplaced(page, 'Failed', wait)
      await connectDocument(page, `after-${wait}`)
      if (wait < 4000) continue
      await page.passes(60_000)
      // The stream was silent all the time, so there is a new one.
      await page.passes(500)
    }
  })

  it('pays for every replacement, those made at once too', async () => {
    const page = await openUntilConnected()
    for (const name of ['b', 'c', 'd']) {
      await endsAndIsReplaced(page, 'Lost', 0)
      await connectDocument(page, name)
    }
    await page.does(() => page.streams().at(-1)?.tell('Lost'))
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
  })
})

describe('a backend that ends with its connection', () => {
  it('is told by the stream, before anybody looks at the status', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.does(() => page.streams()[0]?.tell('Exited'))
    expect(page.session).toMatchObject({ phase: 'ended', status: 'Exited' })
    await page.passes(60_000)
    expect([page.looks(), page.posts().length]).toEqual([[], 1])
  })

  it('is found by a look at the status', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(500)
    await page.does(() => page.looks()[0]?.reply({ state: 'Failed', time: timeAt(0) }))
    expect(page.session).toMatchObject({ phase: 'reconnecting', status: 'Failed' })
    await page.passes(1000)
    expect(page.posts()).toHaveLength(2)
  })

  it.each([404, 410])('is lost where the platform answers %i', async (status) => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(500)
    await page.does(() => page.looks()[0]?.reply({}, status))
    expect(page.posts()).toHaveLength(2)
  })

  it("is left to the app's route to find where the platform doesn't answer", async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(500)
    await page.does(() => page.looks()[0]?.fail())
    expect(page.posts()).toHaveLength(2)
  })
})

it('a backend that the platform has forgotten is Lost, and replaced', async () => {
  const page = await openUntilConnected()
  await page.does(() => page.streams()[0]?.fail())
  await page.passes(500)
  await page.does(() => page.streams()[1]?.reply({}, 404))
  expect(page.posts()).toHaveLength(2)
})

it('a session that has ended before it arrives is replaced', async () => {
  const page = await openUntilConnected()
  await page.does(() => page.session.reconnect())
  await page.does(() =>
    page
      .posts()
      .at(-1)
      ?.reply(sessionOf('b', 'Swept', false)),
  )
  expect(page.posts()).toHaveLength(3)
  expect(page.session).toMatchObject({ phase: 'reconnecting' })
})
