import { join } from 'node:path'
import fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { backendsOf, type EditorProcess, startEditor } from '../example.ts'

const WAIT = { timeout: 20_000, interval: 50 }
const DOCUMENTS = ['a.md', 'b.md', 'c.md']

/**
 * What Chromium says of a page that is left while its socket connects: the socket is closed, and at once. And of a socket
 * that meets a backend in the moment in which it is swept: the session asks whether it still runs, and finds the
 * next one.
 */
function isExpected(complaint: string): boolean {
  return (
    complaint.includes('WebSocket is closed before the connection is established.') ||
    /during WebSocket handshake: Unexpected response code: (410|502) /.test(complaint) ||
    /status of 404 .* \S+\/api\/sessions\/[abc]\.md$/.test(complaint)
  )
}

/** React's StrictMode mounts everything twice, in a development build only: the page comes from Vite. */
describeInBrowser('in StrictMode', () => {
  let example: EditorProcess
  let vite: ViteDevServer
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const sockets = { opened: 0, open: 0, mostOpen: 0 }

  beforeAll(async () => {
    example = await startEditor(Object.fromEntries(DOCUMENTS.map((name) => [name, `# ${name}\n`])))
    vite = await createServer({
      root: join(import.meta.dirname, '../../examples/express-editor/page'),
      configFile: join(import.meta.dirname, '../../examples/express-editor/vite.config.ts'),
      logLevel: 'error',
      server: { port: 0, host: 'localhost', hmr: false, proxy: { '/api': example.url } },
    })
    await vite.listen()
    browser = await launchBrowser()
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      const complaint = `${message.text()} ${message.location().url}`
      if (['error', 'warning'].includes(message.type()) && !isExpected(complaint)) complaints.push(complaint)
    })
    page.on('websocket', (socket) => {
      if (!socket.url().includes('/p/')) return
      sockets.opened += 1
      sockets.open += 1
      sockets.mostOpen = Math.max(sockets.mostOpen, sockets.open)
      socket.on('close', () => {
        sockets.open -= 1
      })
    })
    await page.goto(vite.resolvedUrls?.local[0] ?? '')
  })

  afterAll(async () => {
    await browser?.close()
    await vite?.close()
    await example?.dispose()
  })

  const show = (id: string) =>
    page.evaluate((hash) => {
      location.hash = hash
    }, `#/${id}`)

  it('a document is opened by one request, one stream and one socket', async () => {
    let [requests, streams] = [0, 0]
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.endsWith('/status')) streams += 1
      else if (pathname.includes('/api/sessions/')) requests += 1
    })
    await show('a.md')
    await page.locator('[data-phase=connected]').waitFor()
    expect([requests, streams, sockets.opened]).toEqual([1, 1, 1])
  })

  it('50 random mounts and unmounts leave no socket', { timeout: 60_000 }, async () => {
    const seed = Date.now()
    const step = fc.record({ next: fc.option(fc.constantFrom(...DOCUMENTS)), wait: fc.boolean() })
    for (const { next, wait } of fc.sample(step, { numRuns: 50, seed })) {
      await show(next ?? '')
      if (wait) await page.locator(next ? '[data-phase=connected]' : '.empty').waitFor()
    }
    await show('')
    await page.locator('.empty').waitFor()
    await vi.waitFor(() => expect(sockets.open, `seed ${seed}`).toBe(0), WAIT)
    await vi.waitFor(async () => expect(await backendsOf(example)).toEqual([]), WAIT)
    expect(sockets.mostOpen).toBeLessThanOrEqual(DOCUMENTS.length)
  })

  it('nothing complains', () => {
    expect(complaints).toEqual([])
  })
})
