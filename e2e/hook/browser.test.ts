import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, type HookApp, startHookApp } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }

describeInBrowser('the hook in a real browser, over HTTP/1.1', () => {
  let browser: Browser
  let script: string
  let app: HookApp
  let context: BrowserContext

  beforeAll(async () => {
    script = await buildPage()
    browser = await launchBrowser({ backForwardCache: true })
  })
  beforeEach(async () => {
    app = await startHookApp(script)
    context = await browser.newContext()
  })
  afterEach(async () => {
    await context?.close()
    await app?.close()
  })
  afterAll(() => browser?.close())

  async function open(query = '', page?: Page): Promise<Page> {
    const shown = page ?? (await context.newPage())
    await shown.goto(`${app.url}/${query}`)
    return shown
  }
  const areConnected = (page: Page, count = 1) =>
    vi.waitFor(async () => expect(await page.locator('[data-phase=connected]').count()).toBe(count), WAIT)
  const send = (page: Page, text: string) =>
    page.evaluate((text) => {
      const { phase, connection } = window.page.sessions.doc ?? {}
      return phase === 'connected' || phase === 'reconnecting' ? connection?.send(text) : false
    }, text)

  /** How many requests to status streams are open in a page. */
  function countStreams(page: Page) {
    const open = new Set<unknown>()
    let most = 0
    page.on('request', (request) => {
      if (
        !/\/status(\/stream)?(\?|$)/.test(request.url()) ||
        request.headers().accept !== 'text/event-stream'
      )
        return
      open.add(request)
      most = Math.max(most, open.size)
    })
    page.on('requestfinished', (request) => open.delete(request))
    page.on('requestfailed', (request) => open.delete(request))
    return { open, most: () => most }
  }

  /** Nobody has a status stream open: no page, nor the platform, nor the app. */
  const haveNoStreams = (...pages: ReturnType<typeof countStreams>[]) =>
    vi.waitFor(() => {
      const open = [...pages.map(({ open }) => open), app.platformStreams, app.streams]
      expect(open.map(({ size }) => size)).toEqual(open.map(() => 0))
    }, WAIT)

  describe.each([
    ['by the platform', ''],
    ["by the app's relay", '&relay'],
  ])('with the status told %s', (_, source) => {
    it('has one stream open while its backend starts, and none once it is connected', async () => {
      app.platform.faults.add({ kind: 'slow-start', ms: 1500 })
      const page = await context.newPage()
      const streams = countStreams(page)
      await open(`?documents=doc${source}`, page)
      await areConnected(page)
      await haveNoStreams(streams)
      await send(page, 'hello')
      await vi.waitFor(() => expect(app.received).toEqual(['hello']), WAIT)
      expect([streams.most(), app.platformStreams.size, app.streams.size]).toEqual([1, 0, 0])
    })

    it('connects 30 documents on one page, and leaves the app its own requests', async () => {
      const documents = Array.from({ length: 30 }, (_, number) => `d${number}`)
      app.platform.faults.add({ kind: 'slow-start', ms: 1500, times: 30 })
      const page = await context.newPage()
      const streams = countStreams(page)
      await open(`?documents=${documents}${source}`, page)
      expect(await page.evaluate(async () => (await fetch('/api/other')).text())).toBe('ok')
      await areConnected(page, 30)
      await haveNoStreams(streams)
      expect(streams.most()).toBeGreaterThan(0)
      expect(streams.most()).toBeLessThanOrEqual(3)
    })

    it('connects 30 documents again that have lost their sockets, without a stream', async () => {
      const documents = Array.from({ length: 30 }, (_, number) => `d${number}`)
      const page = await open(`?documents=${documents}${source}`)
      await areConnected(page, 30)
      const streams = countStreams(page)
      const lost = [...app.sockets]
      for (const socket of lost) socket.terminate()
      await vi.waitFor(() => {
        expect(app.sockets.size).toBe(30)
        expect(lost.filter((socket) => app.sockets.has(socket))).toEqual([])
      }, WAIT)
      await areConnected(page, 30)
      await haveNoStreams(streams)
      expect([streams.most(), app.posts()]).toEqual([0, 60])
    })

    it('connects 10 tabs, which have no stream open then', async () => {
      app.platform.faults.add({ kind: 'slow-start', ms: 1500, times: 10 })
      const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()))
      const streams = pages.map(countStreams)
      await Promise.all(pages.map((page, number) => open(`?documents=t${number}${source}`, page)))
      for (const page of pages) await areConnected(page)
      await haveNoStreams(...streams)
    })
  })

  it('goes into the back/forward cache without its socket, and connects again when it is shown', async () => {
    const page = await open()
    await areConnected(page)
    // Playwright doesn't see that a page is restored: the page tells the app.
    await page.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => persisted && void fetch('/api/other?restored'))
    })
    await page.getByRole('link', { name: 'Go elsewhere' }).click()
    await page.waitForURL('**/elsewhere')
    await vi.waitFor(() => expect(app.sockets.size).toBe(0), WAIT)
    void page.evaluate(() => history.back()).catch(() => {})
    await vi.waitFor(() => expect([app.restored(), app.sockets.size]).toEqual([1, 1]), WAIT)
    expect(app.posts()).toBe(2)
  })

  it('walks through 10 pages by links, and 4 back, with one socket: that of the page that is shown', async () => {
    const PAGES = 10
    const page = await open('?documents=p0')
    const isShown = async (number: number) => {
      await page.waitForURL(`**/?documents=p${number}`)
      await vi.waitFor(() => expect(app.sockets.size).toBe(1), WAIT)
      await areConnected(page)
    }
    await isShown(0)
    for (let number = 1; number < PAGES; number++) {
      await page.evaluate((number) => {
        addEventListener('pageshow', ({ persisted }) => persisted && void fetch('/api/other?restored'))
        const link = document.createElement('a')
        link.href = `?documents=p${number}`
        link.textContent = 'Next'
        document.body.append(link)
      }, number)
      await page.getByRole('link', { name: 'Next' }).click()
      await isShown(number)
    }
    // Playwright doesn't see that a page is restored: the app does.
    void page.evaluate(() => history.go(-4)).catch(() => {})
    await vi.waitFor(() => expect([app.restored(), app.sockets.size]).toEqual([1, 1]), WAIT)
    expect(app.documents.at(-1)).toBe(`p${PAGES - 5}`)
  })

  it('reconnects within 20 s although the browser says that it is offline, and sends', async () => {
    await context.addInitScript(() =>
      Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true }),
    )
    const page = await open()
    await areConnected(page)
    const since = Date.now()
    await send(page, 'crash')
    await vi.waitFor(() => expect(app.posts()).toBeGreaterThan(1), WAIT)
    await areConnected(page)
    expect(Date.now() - since).toBeLessThan(20_000)
    await send(page, 'hello')
    await vi.waitFor(() => expect(app.received).toContain('hello'), WAIT)
  })

  it('delivers what is sent while there is no network, once and in order', async () => {
    const page = await open()
    await areConnected(page)
    const messages = Array.from({ length: 20 }, (_, number) => `message ${number}`)
    await context.setOffline(true)
    // A network that is gone closes no socket that the other end could know of.
    for (const socket of app.sockets) socket.removeAllListeners('message')
    for (const message of messages) expect(await send(page, message)).toBe(true)
    await context.setOffline(false)
    await vi.waitFor(() => expect(app.received).toEqual(messages), WAIT)
    await areConnected(page)
  })

  it('shows within 10 s that a policy keeps it from the status', async () => {
    app.platform.faults.add({ kind: 'slow-start', ms: 60_000 })
    const page = await open(`?csp=${encodeURIComponent("connect-src 'self'")}`)
    await page.getByText(/bad_stream|platform_error/).waitFor({ timeout: 10_000 })
  })

  it('reads the status if streams are blocked', async () => {
    app.platform.faults.add({ kind: 'slow-start', ms: 3000 })
    await context.route('**/status/stream', (route) => route.abort())
    const page = await open()
    await areConnected(page)
  })

  it('shows within 2 s of connecting that a policy blocks its socket', async () => {
    const policy = "connect-src 'self' PLATFORM"
    const page = await context.newPage()
    await open(`?csp=${encodeURIComponent(policy)}`, page)
    await page.locator('[data-phase=connecting]').waitFor()
    await page.getByText('connection_failed').waitFor({ timeout: 2000 })
  })
})
