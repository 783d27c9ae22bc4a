// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { openDocument } from '../support/render.tsx'
import { sessionOf } from '../support/world.ts'

afterEach(cleanup)

// PROTOCOL.md: "Reaching the backend". On v1, the URL says who the user is, for a minute.
describe('a URL is used for 30 s', () => {
  const ready = sessionOf('a', 'Ready', false)
  const fresh = { ...ready, url: `${ready.url}?session-backend-user=fresh` }

  it.each([
    ['a start took longer', (page: ReturnType<typeof openDocument>) => page.passes(31_000)],
    [
      'the device slept in between',
      async (page: ReturnType<typeof openDocument>) => page.setClock(3_600_000),
    ],
  ])('and asked for again if %s', async (_why, pass) => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams().at(-1)?.tell('Loading'))
    await pass(page)
    await page.does(() => page.streams().at(-1)?.tell('Ready'))
    expect([page.posts().length, page.sockets.length]).toEqual([2, 0])
    await page.does(() => page.posts()[1]?.reply(fresh))
    await page.does(() => page.sockets[0]?.open())
    expect(page.sockets[0]?.url).toContain('session-backend-user=fresh')
    expect([page.session.phase, page.posts().length]).toEqual(['connected', 2])
  })

  it('and not requested again if the start took less', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.tell('Loading'))
    await page.passes(29_000)
    await page.does(() => page.streams()[0]?.tell('Ready'))
    expect([page.posts().length, page.sockets.length]).toEqual([1, 1])
  })

  it('and requested once more if it came with the page and is refused, because the page may be old', async () => {
    const page = openDocument({ initialSession: ready })
    await page.passes(0)
    await page.does(() => page.sockets[0]?.drop(4401))
    expect(page.posts()).toHaveLength(1)
    await page.does(() => page.posts()[0]?.reply(fresh))
    await page.does(() => page.sockets[1]?.drop(4401))
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'unauthenticated' } })
    expect(page.posts()).toHaveLength(1)
  })
})
