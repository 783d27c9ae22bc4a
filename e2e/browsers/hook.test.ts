import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { buildPage, type HookApp, startHookApp } from '../hook/page.ts'
import { describeInEngines } from './engines.ts'
import type { RunningBrowser, Tab } from './tab.ts'

const WAIT = { timeout: 60_000, interval: 100 }

describeInEngines('useSessionBackend', (engine) => {
  let browser: RunningBrowser
  let script: string
  let app: HookApp
  let tab: Tab | undefined

  beforeAll(async () => {
    script = await buildPage()
    browser = await engine.launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async () => {
    app = await startHookApp(script)
  })
  afterEach(async () => {
    await tab?.close()
    tab = undefined
    await app?.close()
  })

  const open = async (query = ''): Promise<Tab> => {
    tab = await browser.openTab(`${app.url}/${query}`)
    return tab
  }
  const phases = (tab: Tab) =>
    tab.run("return [...document.querySelectorAll('[data-phase]')].map(({ dataset }) => dataset.phase)")
  const areConnected = (tab: Tab, count = 1) =>
    vi.waitFor(async () => expect(await phases(tab)).toEqual(Array(count).fill('connected')), WAIT)
  const send = (tab: Tab, text: string) =>
    tab.run(`return window.page.sessions.doc.connection.send(${JSON.stringify(text)})`)

  it('connects, sends, and receives', async () => {
    const tab = await open()
    await areConnected(tab)
    expect(await send(tab, 'hello')).toBe(true)
    await vi.waitFor(
      async () => expect(await tab.run('return window.page.received.doc')).toEqual(['hello']),
      WAIT,
    )
  })

  it('is connected to a new backend after a crash', async () => {
    const tab = await open()
    await areConnected(tab)
    const name = await tab.run('return window.page.sessions.doc.name')
    await send(tab, 'crash')
    await vi.waitFor(async () => {
      expect(await tab.run('return window.page.sessions.doc.name')).not.toBe(name)
      expect(await phases(tab)).toEqual(['connected'])
    }, WAIT)
    expect(app.posts()).toBe(2)
  })

  it('is connected again to the same backend after its socket was cut', async () => {
    const tab = await open()
    await areConnected(tab)
    const name = await tab.run('return window.page.sessions.doc.name')
    for (const socket of app.sockets) socket.terminate()
    await vi.waitFor(() => expect([app.posts(), app.sockets.size]).toEqual([2, 1]), WAIT)
    await areConnected(tab)
    expect(await tab.run('return window.page.sessions.doc.name')).toBe(name)
  })

  it('holds nothing open in the back/forward cache, and connects when it is shown again', async () => {
    const tab = await open()
    await areConnected(tab)
    await tab.run("addEventListener('pageshow', ({ persisted }) => { window.restored = persisted })")
    await tab.run("document.querySelector('a').click()")
    await vi.waitFor(async () => expect(await tab.run('return location.pathname')).toBe('/elsewhere'), WAIT)
    await vi.waitFor(() => expect(app.sockets.size).toBe(0), WAIT)
    await tab.back()
    await vi.waitFor(() => expect(app.sockets.size).toBe(1), WAIT)
    await areConnected(tab)
    expect([app.posts(), app.sockets.size]).toEqual([2, 1])
    // Firefox decides before `pagehide`: it loads a page again whose socket was still open.
    expect(await tab.run('return window.restored ?? false')).toBe(engine.name !== 'Firefox')
  })

  it('delivers what is sent while there is no network, once and in order', async ({ skip }) => {
    const tab = await open()
    if (!tab.setOffline) return skip(`The driver of ${engine.name} can't take the network away.`)
    await areConnected(tab)
    const messages = Array.from({ length: 20 }, (_, number) => `message ${number}`)
    await tab.setOffline(true)
    // A network that is gone closes no socket that the other end could know of.
    for (const socket of app.sockets) socket.removeAllListeners('message')
    for (const message of messages) expect(await send(tab, message)).toBe(true)
    await tab.setOffline(false)
    await vi.waitFor(() => expect(app.received).toEqual(messages), WAIT)
    await areConnected(tab)
  })

  it('shows that a policy blocks its socket', async () => {
    const policy = "connect-src 'self' PLATFORM"
    const tab = await open(`?csp=${encodeURIComponent(policy)}`)
    await vi.waitFor(
      async () => expect(await tab.run('return document.body.innerText')).toContain('connection_failed'),
      WAIT,
    )
  })

  it('shows that a policy blocks the status', async () => {
    app.platform.faults.add({ kind: 'slow-start', ms: 60_000 })
    const tab = await open(`?csp=${encodeURIComponent("connect-src 'self'")}`)
    await vi.waitFor(
      async () =>
        expect(await tab.run('return document.body.innerText')).toMatch(/bad_stream|platform_error/),
      WAIT,
    )
  })

  it.each([
    ['by the platform', ''],
    ["by the app's relay", '&relay'],
  ])('connects 8 documents on one page with the status told %s', async (_, source) => {
    app.platform.faults.add({ kind: 'slow-start', ms: 1500, times: 8 })
    const documents = Array.from({ length: 8 }, (_, number) => `d${number}`)
    const tab = await open(`?documents=${documents}${source}`)
    await areConnected(tab, 8)
    const sizes = () => [app.sockets, app.streams, app.platformStreams].map(({ size }) => size)
    await vi.waitFor(() => expect(sizes()).toEqual([8, 0, 0]), WAIT)
  })

  it('closes its socket when its tab is closed', async () => {
    const shown = await open()
    await areConnected(shown)
    tab = undefined
    await shown.close()
    await vi.waitFor(() => expect(app.sockets.size).toBe(0), WAIT)
  })
})
