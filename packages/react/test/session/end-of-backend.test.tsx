// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { openDocument } from '../support/render.tsx'
import { connectDocument, endBackend, openUntilConnected } from '../support/steps.ts'
import { sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

type Page = Awaited<ReturnType<typeof openUntilConnected>>

/** In this world chance always takes the longest wait: pages that may be many are spread over 2 s. */
const SPREAD = 2000

/** A POST is made `wait` ms from now: not before, and not after. */
async function postsAfter(page: Page, wait: number) {
  const posts = page.posts().length
  await page.passes(wait - 1)
  expect(page.posts()).toHaveLength(posts)
  await page.passes(1)
  expect(page.posts()).toHaveLength(posts + 1)
}

describe('a backend that ends while somebody is connected', () => {
  it.each(['Swept', 'Lost'] as const)('is respawned within 2 s if it was %s', async (status) => {
    const page = await openUntilConnected()
    await endBackend(page, status)
    expect(page.session).toMatchObject({ phase: 'reconnecting', status })
    await postsAfter(page, SPREAD)
    await connectDocument(page, 'b')
    expect(page.session).toMatchObject({ phase: 'connected', name: 'b', status: 'Ready' })
  })

  it.each(['Failed', 'ErrorLoading', 'ErrorStarting', 'TimedOutBeforeReady', 'Terminated'] as const)(
    'is respawned after a wait if it was %s',
    async (status) => {
      const page = await openUntilConnected()
      await endBackend(page, status)
      await postsAfter(page, 1000 + SPREAD)
    },
  )

  it('is respawned 3 times within 60 s, after 1, 2 and 4 s; then it is a crash loop', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000]) {
      await endBackend(page, 'Failed')
      await postsAfter(page, wait + SPREAD)
      await connectDocument(page, `after-${wait}`)
    }
    await endBackend(page, 'Failed')
    expect(page.session).toMatchObject({ phase: 'failed', status: 'Failed', error: { code: 'crash_loop' } })
    expect([page.open(), page.timers()]).toEqual([[], 0])
  })

  it('is respawned with a new budget after retry()', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000]) {
      await endBackend(page, 'Failed')
      await postsAfter(page, wait + SPREAD)
      await connectDocument(page, `after-${wait}`)
    }
    await endBackend(page, 'Failed')
    await page.does(() => page.session.retry())
    await connectDocument(page, 'again')
    await endBackend(page, 'Failed')
    await postsAfter(page, 1000 + SPREAD)
  })

  it('is respawned again after 60 s without an end, also if the clock of the machine was set back', async () => {
    const page = await openUntilConnected()
    for (const wait of [1000, 2000, 4000, 1000]) {
      await endBackend(page, 'Failed')
      await postsAfter(page, wait + SPREAD)
      await connectDocument(page, `after-${wait}`)
      if (wait < 4000) continue
      page.setClock(-3_600_000)
      await page.passes(60_000)
    }
  })

  it('counts every respawn, including those made at once', async () => {
    const page = await openUntilConnected()
    for (const name of ['b', 'c', 'd']) {
      await endBackend(page, 'Lost')
      await postsAfter(page, SPREAD)
      await connectDocument(page, name)
    }
    await endBackend(page, 'Lost')
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
  })

  it('counts a respawn that it did not ask for, when the backend ended after it was found Ready', async () => {
    const page = await openUntilConnected()
    for (const name of ['b', 'c', 'd', 'e']) {
      await page.does(() => page.sockets.at(-1)?.drop())
      await page.passes(8000)
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
          ?.reply(sessionOf(name, 'Ready', true)),
      )
      await page.does(() => page.sockets.at(-1)?.open())
    }
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
    expect([page.posts().length, page.sockets.length]).toEqual([5, 4])
  })
})

describe('a backend that never becomes Ready', () => {
  it('is a crash loop after three ends in a row, however long each took', async () => {
    const page = openDocument()
    for (const name of ['a', 'b', 'c']) {
      await page.does(() => page.posts().at(-1)?.reply(sessionOf(name)))
      await page.does(() => page.streams().at(-1)?.tell('Loading', 'Starting'))
      await page.passes(30_000)
      await page.does(() => page.streams().at(-1)?.tell('TimedOutBeforeReady'))
      if (name !== 'c') await page.passes(4000)
    }
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
    await page.passes(600_000)
    expect(page.posts()).toHaveLength(3)
    expect([page.open(), page.timers()]).toEqual([[], 0])
  })
})

describe('a backend that ends with its connection', () => {
  it('and has exited: the session has ended', async () => {
    const page = await openUntilConnected()
    await endBackend(page, 'Exited')
    expect(page.session).toMatchObject({ phase: 'ended', status: 'Exited' })
    await page.passes(60_000)
    expect(page.posts()).toHaveLength(1)
  })

  it.each([404, 410])('is lost if the platform answers %i', async (status) => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(100)
    await page.does(() => page.looks()[0]?.reply({}, status))
    expect(page.session.status).toBe('Lost')
    await postsAfter(page, SPREAD)
  })

  it("is left to the app's route to find if the platform doesn't answer", async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(100)
    await page.does(() => page.looks()[0]?.fail())
    await postsAfter(page, SPREAD)
  })
})

it('a backend that the platform has forgotten while it starts is Lost, and respawned', async () => {
  const page = openDocument()
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
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
