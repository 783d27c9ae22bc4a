// @vitest-environment jsdom
import type { BackendStatus } from '@session-backend/core'
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { openDocument } from '../support/render.tsx'
import { connectDocument, endBackend, openUntilConnected } from '../support/steps.ts'
import { sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

type Page = Awaited<ReturnType<typeof openUntilConnected>>

/** In this world chance always takes the longest wait. In ms. */
const WITHIN = 8
const SPREAD = 2000
const STOP_LIMIT = 12_000

/** A backend with 8 pages closes its connections, because it is stopping. */
async function announce(page: Page, code = 1012, reason = JSON.stringify({ comeBackWithin: WITHIN })) {
  await page.does(() => page.sockets.at(-1)?.drop(code, reason))
}

/** The status that the page reads next. */
async function read(page: Page, state: BackendStatus) {
  await page.does(() =>
    page
      .looks()
      .at(-1)
      ?.reply({ state, time: timeAt(0) }),
  )
}

async function handOver(page: Page) {
  await announce(page)
  await page.passes(WITHIN)
  await read(page, 'Terminated')
}

describe('a backend that is handed over', () => {
  it.each([1001, 1012])('with %i is replaced at once, ten times in a row', async (code) => {
    const page = await openUntilConnected()
    for (let time = 1; time <= 10; time++) {
      await announce(page, code)
      expect(page.session.phase).toBe('reconnecting')
      await page.passes(WITHIN)
      await read(page, 'Terminated')
      expect(page.posts()).toHaveLength(1 + time)
      await connectDocument(page, `b${time}`)
      expect(page.session).toMatchObject({ phase: 'connected', name: `b${time}` })
    }
  })

  it('is replaced at once if the app has spent all respawns on crashes', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000]) {
      await endBackend(page, 'Failed')
      await page.passes(wait + SPREAD)
      await connectDocument(page, `after-${wait}`)
    }
    await handOver(page)
    await connectDocument(page, 'successor')
    expect(page.session).toMatchObject({ phase: 'connected', name: 'successor' })
    await endBackend(page, 'Failed')
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
  })

  it('spends no respawn, so that three crashes may follow ten hand-overs', async () => {
    const page = await openUntilConnected()
    for (let time = 1; time <= 10; time++) {
      await handOver(page)
      await connectDocument(page, `b${time}`)
    }
    expect(page.session).toMatchObject({ phase: 'connected', name: 'b10' })
    for (const wait of [1000, 2000, 4000]) {
      await endBackend(page, 'Failed')
      await page.passes(wait + SPREAD)
      await connectDocument(page, `after-${wait}`)
    }
    expect(page.session.phase).toBe('connected')
  })

  it('is awaited while it is still running, and replaced within the time that it gave to its pages', async () => {
    const page = await openUntilConnected()
    await announce(page)
    await page.passes(WITHIN - 1)
    expect(page.looks()).toHaveLength(0)
    await page.passes(1)
    await read(page, 'Ready')
    await page.does(() => page.streams().at(-1)?.tell('Ready'))
    await page.passes(STOP_LIMIT - 1)
    expect(page.posts()).toHaveLength(1)
    await page.does(() => page.streams().at(-1)?.tell('Terminated'))
    await page.passes(WITHIN - 1)
    expect(page.posts()).toHaveLength(1)
    await page.passes(1)
    expect(page.posts()).toHaveLength(2)
  })

  it('is replaced at once if its end was noticed only after the route had returned it once more', async () => {
    const page = await openUntilConnected()
    for (let time = 1; time <= 5; time++) {
      const { name = '' } = page.session
      await announce(page)
      await page.passes(WITHIN)
      await read(page, 'Ready')
      await page.passes(STOP_LIMIT)
      await connectDocument(page, name, () => page.sockets.at(-1)?.drop())
      const looks = page.looks().length
      while (page.looks().length === looks) await page.passes(100)
      await read(page, 'Terminated')
      await page.passes(SPREAD)
      await connectDocument(page, `b${time}`)
      // As it does after a connection that has lasted.
      await page.passes(10_000)
    }
    expect(page.session).toMatchObject({ phase: 'connected', name: 'b5' })
  })

  it("is replaced at once if another page was faster, and the app's route knows only its successor", async () => {
    const page = await openUntilConnected()
    for (let time = 1; time <= 10; time++) {
      await announce(page)
      await page.passes(WITHIN)
      await read(page, 'Lost')
      await connectDocument(page, `b${time}`)
    }
    expect(page.session).toMatchObject({ phase: 'connected', name: 'b10' })
  })
})

describe('a backend that closes all its connections', () => {
  it.each(['', 'Stopping.', '{"comeBackWithin":-1}', '{"comeBackWithin":2001}', '{"comeBackWithin":"8"}'])(
    'is looked for within 2 s if its reason is %j',
    async (reason) => {
      const page = await openUntilConnected()
      await announce(page, 1012, reason)
      await page.passes(SPREAD - 1)
      expect(page.looks()).toHaveLength(0)
      await page.passes(1)
      expect(page.looks()).toHaveLength(1)
    },
  )

  it.each([
    ['2 s', '', 2000],
    ['12 s if it said that it is stopping', '{"comeBackWithin":2000}', 12_000],
  ])('and runs on is connected to again after %s', async (_, reason, limit) => {
    const page = await openUntilConnected()
    await announce(page, 1012, reason)
    await page.passes(SPREAD)
    await read(page, 'Ready')
    await page.passes(limit - 1)
    expect(page.posts()).toHaveLength(1)
    await page.passes(1)
    expect(page.posts()).toHaveLength(2)
    expect(page.open()).toEqual(['/api/sessions/doc'])
  })

  it.each(['Failed', 'Swept'] as const)('and was %s spends a respawn each time', async (status) => {
    const page = await openUntilConnected()
    for (let time = 1; time <= 3; time++) {
      await announce(page)
      await page.passes(WITHIN)
      await read(page, status)
      await page.passes(4000 + SPREAD)
      await connectDocument(page, `b${time}`)
    }
    await announce(page)
    await page.passes(WITHIN)
    await read(page, status)
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
  })
})

describe('a backend that was terminated without a word to its pages', () => {
  it('is replaced after 1 s, and later each time while no connection lasts, but is no crash loop', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000, 8000, 16_000]) {
      const posts = page.posts().length
      await endBackend(page, 'Terminated')
      await page.passes(wait + SPREAD - 1)
      expect(page.posts()).toHaveLength(posts)
      await page.passes(1)
      expect(page.posts()).toHaveLength(posts + 1)
      await connectDocument(page, `after-${wait}`)
    }
    await page.passes(10_000)
    const posts = page.posts().length
    await endBackend(page, 'Terminated')
    await page.passes(1000 + SPREAD)
    expect(page.posts()).toHaveLength(posts + 1)
  })

  it('before it was Ready is replaced too, as often as that happens', async () => {
    const page = openDocument()
    for (let time = 1; time <= 5; time++) {
      await page.does(() =>
        page
          .posts()
          .at(-1)
          ?.reply(sessionOf(`b${time}`)),
      )
      await page.does(() => page.streams().at(-1)?.tell('Loading', 'Terminated'))
      await page.passes(30_000)
      expect(page.posts()).toHaveLength(1 + time)
    }
    await connectDocument(page, 'last')
    expect(page.session).toMatchObject({ phase: 'connected', name: 'last' })
  })
})

it('a hand-over that is noticed only by its successor spends no respawn', async () => {
  const page = await openUntilConnected()
  for (let time = 1; time <= 5; time++) {
    await announce(page)
    await page.passes(WITHIN)
    await read(page, 'Ready')
    await page.passes(STOP_LIMIT)
    await page.does(() =>
      page
        .posts()
        .at(-1)
        ?.reply(sessionOf(`b${time}`, 'Ready')),
    )
    await read(page, 'Terminated')
    await page.does(() => page.sockets.at(-1)?.open())
    expect(page.session).toMatchObject({ phase: 'connected', name: `b${time}` })
  }
})
