import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Plugin } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, type HookApp, startHookApp } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }

/** A service worker that has kept the statuses of the document's last backend, and answers the first look by them. */
const STALE_WORKER = `
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
let stale = { state: 'Failed', time: '2026-01-01T00:00:00Z', backend: 'the-last-one' }
addEventListener('fetch', (event) => {
  if (!stale || !new URL(event.request.url).pathname.endsWith('/status')) return
  const headers = { 'content-type': 'text/event-stream' }
  event.respondWith(new Response('data: ' + JSON.stringify(stale) + '\\n\\n', { headers }))
  stale = undefined
})
`

/** What is imported with `?copy` is another module than without, and so is all of our package that it imports. */
const copies: Plugin = {
  name: 'copies',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (![source, importer].some((id) => id?.endsWith('?copy'))) return undefined
    const [id, from] = [source, importer].map((id) => id?.replace('?copy', ''))
    const resolved = await this.resolve(id ?? '', from, { skipSelf: true })
    return resolved?.id.includes('/packages/react/src/') ? `${resolved.id}?copy` : resolved
  },
}

// What each defect was, and what happens instead: the same as in the tests without a browser, in the order of a page's life.
describeInBrowser('the hook in a real browser', () => {
  let browser: Browser
  let script: string
  let app: HookApp
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    script = await buildPage()
    browser = await launchBrowser()
  })
  beforeEach(async () => {
    app = await startHookApp(script, { '/worker.js': STALE_WORKER })
    context = await browser.newContext()
    page = await context.newPage()
  })
  afterEach(async () => {
    await context?.close()
    await app?.close()
  })
  afterAll(() => browser?.close())

  const isConnected = () => page.locator('[data-phase=connected]').waitFor(WAIT)
  const hasFailed = (code: string) => page.locator('[data-phase=failed]').getByText(code).waitFor(WAIT)
  const send = (text: string) =>
    page.evaluate((text) => {
      const { phase, connection } = window.page.sessions.doc ?? {}
      return phase === 'connected' && connection?.send(text)
    }, text)

  /** Ends the backend, and waits for the next one. */
  async function crash() {
    const name = () => page.locator('[data-phase=connected]').getAttribute('data-name', WAIT)
    const before = await name()
    await send('crash')
    await vi.waitFor(async () => {
      // Waits take no longer than the machine needs.
      await page.clock.runFor(1000).catch(() => {})
      expect(await name()).not.toBe(before)
    }, WAIT)
  }

  it('opens nothing until there is a document id, as in the first render of a router', async () => {
    await page.goto(`${app.url}/?later`)
    await page.locator('[data-phase=idle]').waitFor()
    await page.evaluate(() => fetch('/api/other'))
    expect(app.posts()).toBe(0)
    await page.getByRole('button', { name: 'Now' }).click()
    await isConnected()
    expect(app.documents).toEqual(['doc'])
  })

  it('finds the provider of a second copy of the package', async () => {
    const program = await buildPage(join(import.meta.dirname, 'two-copies/page.tsx'), [copies])
    expect(program.match(/session-backend context/g)).toHaveLength(2)
    const twice = await startHookApp(program)
    await page.goto(twice.url)
    await isConnected()
    expect(twice.posts()).toBe(1)
    await twice.close()
  })

  it('gives up a backend that never listens after three starts, however long each takes', async () => {
    app.platform.faults.add({ kind: 'slow-start', ms: 3_600_000, times: 10 })
    await page.goto(app.url)
    for (const start of [1, 2, 3]) {
      await vi.waitFor(() => expect(app.posts()).toBe(start), WAIT)
      await page.locator('[data-phase=waiting]').waitFor()
      app.platform.clock.advance(30_000)
    }
    await hasFailed('crash_loop')
    expect(app.posts()).toBe(3)
  })

  it('counts respawns by a POST after an outdated status of Ready', async () => {
    // Each look at the status comes before the end of the backend, each POST after it.
    await context.route(/\/status$/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), state: 'Ready' } })
    })
    await page.goto(app.url)
    await isConnected()
    for (let end = 0; end < 3; end++) await crash()
    await send('crash')
    await hasFailed('crash_loop')
  })

  it('counts respawns by the elapsed time, even if the system clock is set back', async () => {
    await page.clock.install()
    await page.goto(app.url)
    await isConnected()
    for (let end = 0; end < 3; end++) await crash()
    await page.clock.setSystemTime(Date.now() - 3_600_000)
    await page.clock.runFor(60_000)
    await crash()
  })

  it("ignores the statuses of the document's last backend, which a service worker has kept", async () => {
    app.platform.faults.add({ kind: 'slow-start', ms: 2000 })
    await page.goto(`${app.url}/elsewhere`)
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/worker.js')
      await navigator.serviceWorker.ready
    })
    const worker = context.serviceWorkers()[0]
    await page.goto(`${app.url}/?relay`)
    await isConnected()
    expect(await worker?.evaluate('stale')).toBeUndefined()
    expect(app.posts()).toBe(1)
  })

  it('sends the bytes of a queued message as they were, even if the app has changed the buffer', async () => {
    await page.goto(app.url)
    await isConnected()
    await context.setOffline(true)
    for (const socket of app.sockets) socket.terminate()
    await page.locator('[data-phase=reconnecting]').waitFor()
    await page.evaluate(() => {
      const { phase, connection } = window.page.sessions.doc ?? {}
      const bytes = new TextEncoder().encode('as it was')
      if (phase === 'reconnecting') connection?.send(bytes)
      bytes.fill(0)
    })
    await context.setOffline(false)
    await vi.waitFor(() => expect(app.received).toEqual(['as it was']), WAIT)
  })
})
