// @vitest-environment jsdom
import { act, cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { webSocket } from '../../src/connection/web-socket.ts'
import { platformStatus } from '../../src/status/platform-status.ts'
import { pollStatus } from '../../src/status/poll-status.ts'
import { Document, openDocument, renderWorld, type Seen, settle } from '../support/render.tsx'
import { connectDocument, openUntilConnected } from '../support/steps.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

async function happens(work: () => void) {
  await act(async () => work())
  await settle()
}

const hide = () => vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
const show = () =>
  happens(() => {
    vi.restoreAllMocks()
    document.dispatchEvent(new Event('visibilitychange'))
  })
const goOffline = () => vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
const goOnline = () =>
  happens(() => {
    vi.restoreAllMocks()
    window.dispatchEvent(new Event('online'))
  })
const pageEvent = (type: string, persisted: boolean) =>
  happens(() => void window.dispatchEvent(Object.assign(new Event(type), { persisted })))

/** A page that is connected by a socket with a ping. */
async function openWithPing() {
  const world = createWorld()
  const { WebSocket, clock } = world
  const ping = { message: 'ping', interval: 10_000, timeout: 5000 }
  world.options.connect = webSocket({ WebSocket, clock: world.options.clock, ping })
  const seen: Seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={seen} />, world)
  await connectDocument(page, 'a')
  return { ...page, clock, phase: () => seen.sessions.at(-1)?.phase }
}

describe('while the page is hidden', () => {
  it('the route is not asked; when the page is shown again, it is asked once and at once', async () => {
    const page = openDocument()
    hide()
    await page.does(() => page.posts()[0]?.fail())
    await page.passes(3_600_000)
    expect(page.posts()).toHaveLength(1)
    await show()
    expect(page.posts()).toHaveLength(2)
  })

  it('the first attempt after it is shown again does not wait for the rest of a back-off', async () => {
    const page = openDocument()
    for (const wait of [500, 1000, 2000, 4000]) {
      await page.does(() => page.posts().at(-1)?.fail())
      await page.passes(wait)
    }
    await page.does(() => page.posts().at(-1)?.fail())
    hide()
    await page.passes(100)
    await show()
    expect(page.posts()).toHaveLength(6)
  })

  it('on return the first attempt waits as long as the server asked', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(503, 'platform_busy', { 'retry-after': '60' }))
    hide()
    await page.passes(1000)
    await show()
    await page.passes(58_000)
    expect(page.posts()).toHaveLength(1)
    await page.passes(1000)
    await page.passes(500)
    expect(page.posts()).toHaveLength(2)
  })

  it.each([
    ['stream', platformStatus],
    ['single readings', pollStatus],
  ])('on return the %s of the status waits as long as the server asked', async (_, statusSource) => {
    const page = openDocument({ statusSource })
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    const asked = () => page.streams().length + page.looks().length
    await page.does(() => [...page.streams(), ...page.looks()][0]?.reply({}, 503, { 'retry-after': '60' }))
    hide()
    await page.passes(1000)
    await show()
    await page.passes(7000)
    await page.passes(51_900)
    expect(asked()).toBe(1)
    await page.passes(10_000)
    await page.passes(1)
    expect(asked()).toBe(2)
  })

  it('a full backend is tried again after a second, even if the page is shown again earlier', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop(1013))
    hide()
    await show()
    await page.passes(999)
    expect(page.looks()).toHaveLength(0)
    await page.passes(1)
    await page.passes(1)
    expect(page.looks()).toHaveLength(1)
  })

  it('a lost connection waits; on return its status is read once', async () => {
    const page = await openUntilConnected()
    hide()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(3_600_000)
    expect(page.session.phase).toBe('reconnecting')
    expect([page.looks(), page.posts()].map((all) => all.length)).toEqual([0, 1])
    await show()
    expect([page.looks(), page.posts()].map((all) => all.length)).toEqual([1, 1])
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    expect(page.posts()).toHaveLength(2)
  })

  it('an open connection stays open, and without a ping it is not probed on return', async () => {
    const page = await openUntilConnected()
    hide()
    await page.passes(3_600_000)
    await show()
    await page.passes(60_000)
    expect(page.session.phase).toBe('connected')
    expect(page.sockets).toHaveLength(1)
  })

  it('an open connection with a ping is probed on return', async () => {
    const page = await openWithPing()
    hide()
    await show()
    expect(page.sockets[0]?.sent).toEqual(['ping'])
    await page.passes(5000)
    expect(page.phase()).toBe('reconnecting')
  })
})

describe('while the browser says that it is offline', () => {
  it('attempts continue, less often, because the browser may be wrong', async () => {
    const page = openDocument()
    goOffline()
    await page.does(() => page.posts()[0]?.fail())
    await page.passes(5000)
    expect(page.posts()).toHaveLength(1)
    await page.passes(500)
    expect(page.posts()).toHaveLength(2)
    await connectDocument(page, 'a')
    expect(page.session.phase).toBe('connected')
  })

  it('a connection that is lost is made again within 10 s', async () => {
    const page = await openUntilConnected()
    goOffline()
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(5100)
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    await connectDocument(page, 'a')
    expect(page.session.phase).toBe('connected')
  })

  it('on return a waiting attempt is made at once', async () => {
    const page = openDocument()
    goOffline()
    await page.does(() => page.posts()[0]?.fail())
    await goOnline()
    expect(page.posts()).toHaveLength(2)
  })

  it('on return a connection without a ping is replaced', async () => {
    const page = await openUntilConnected()
    goOffline()
    await goOnline()
    expect(page.session.phase).toBe('reconnecting')
    expect(page.sockets).toMatchObject([{ readyState: 3 }])
  })

  it('on return a connection that answers the ping stays', async () => {
    const page = await openWithPing()
    goOffline()
    await goOnline()
    expect(page.sockets[0]?.sent).toEqual(['ping'])
    await page.does(() => page.sockets[0]?.receive('pong'))
    await page.passes(9000)
    expect(page.phase()).toBe('connected')
  })

  it('on return a connection that holds nothing open stays', async () => {
    const world = createWorld()
    world.options.connect = ({ followStatus }) => followStatus()
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />, world)
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    goOffline()
    await goOnline()
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
  })
})

describe('after a sleep', () => {
  it('a connection without a ping is replaced (a timer fires 30 s late)', async () => {
    const page = await openUntilConnected()
    await page.passes(60_000)
    page.setClock(29_000)
    await page.passes(10_000)
    expect(page.session.phase).toBe('connected')
    page.setClock(30_000)
    await page.passes(10_000)
    expect(page.session.phase).toBe('reconnecting')
  })

  it('a hidden page replaces its connection when it is shown', async () => {
    const page = await openUntilConnected()
    hide()
    // Browsers hold the timers of hidden pages back.
    page.setClock(60_000)
    await page.passes(10_000)
    page.setClock(3_600_000)
    await page.passes(10_000)
    expect(page.session.phase).toBe('connected')
    await show()
    expect(page.session.phase).toBe('reconnecting')
  })

  it('a clock that was set back does not count as a sleep', async () => {
    const page = await openUntilConnected()
    page.setClock(-3_600_000)
    await page.passes(60_000)
    expect(page.session.phase).toBe('connected')
  })
})

describe('a page in the back/forward cache', () => {
  it('holds nothing open, and connects again when it is shown', async () => {
    const page = await openUntilConnected()
    await pageEvent('pagehide', true)
    expect(page.open()).toEqual([])
    await page.passes(3_600_000)
    expect(page.posts()).toHaveLength(1)
    await pageEvent('pageshow', true)
    expect(page.session.phase).toBe('reconnecting')
    await connectDocument(page, 'a')
    expect(page.session.phase).toBe('connected')
  })

  it('stays disconnected if it was', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.session.disconnect())
    await pageEvent('pagehide', true)
    await pageEvent('pageshow', true)
    expect([page.session.phase, page.posts().length]).toEqual(['ended', 1])
  })

  it('stays failed if it was', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(403, 'forbidden'))
    await pageEvent('pagehide', true)
    await pageEvent('pageshow', true)
    expect([page.session.phase, page.posts().length]).toEqual(['failed', 1])
  })

  it('is neither a page that was left for good nor one that is shown for the first time', async () => {
    const page = await openUntilConnected()
    await pageEvent('pageshow', false)
    await pageEvent('pagehide', false)
    expect(page.session.phase).toBe('connected')
  })
})

it('unmounting leaves no listener and no timer behind', async () => {
  const add = vi.spyOn(EventTarget.prototype, 'addEventListener')
  const page = await openUntilConnected()
  await page.does(() => page.sockets[0]?.drop())
  page.unmount()
  await page.passes(200)
  const left = add.mock.calls.filter(
    ([type, , options]) =>
      ['online', 'visibilitychange', 'pagehide', 'pageshow'].includes(type) &&
      typeof options === 'object' &&
      !options?.signal?.aborted,
  )
  expect(left).toEqual([])
  expect(page.timers()).toBe(0)
})
