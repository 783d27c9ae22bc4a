import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, type HookApp, startHookApp } from './page.ts'

const WAIT = { timeout: 40_000, interval: 50 }
const LONG = process.env.LONG_TESTS !== undefined

/** A relay of connections to a port, which can fall silent: then it neither passes anything on nor closes anything. */
async function startRelay(port: number) {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, 'localhost')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        // One that has fallen silent doesn't tell that the other side has left.
        if (!one.isPaused()) other.destroy()
      })
      one.pipe(other)
    }
  }).listen(0, 'localhost')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent() {
      for (const socket of sockets) socket.unpipe().pause()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

describeInBrowser(
  'the hook on a bad network',
  () => {
    let browser: Browser
    let script: string
    let app: HookApp
    let context: BrowserContext

    beforeAll(async () => {
      script = await buildPage()
      browser = await launchBrowser()
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

    async function open(query = ''): Promise<Page> {
      const page = await context.newPage()
      await page.goto(`${app.url}/${query}`)
      return page
    }
    const isConnected = (page: Page) => page.locator('[data-phase=connected]').waitFor(WAIT)
    const send = (page: Page, text: string) =>
      page.evaluate((text) => {
        const { phase, connection } = window.page.sessions.doc ?? {}
        return phase === 'connected' || phase === 'reconnecting' ? connection?.send(text) : false
      }, text)

    describe('that falls silent without closing the socket', () => {
      let relay: Awaited<ReturnType<typeof startRelay>>
      beforeEach(async () => {
        relay = await startRelay(Number(new URL(app.platform.url).port))
      })
      afterEach(() => relay?.close())

      it('notices within 10 s by its heartbeats, and connects again', async () => {
        const page = await open(`?ping&through=${relay.port}`)
        await isConnected(page)
        const silentAt = performance.now()
        relay.fallSilent()
        await vi.waitFor(() => expect(app.posts()).toBe(2), WAIT)
        expect((app.postTimes[1] ?? 0) - silentAt).toBeLessThan(10_000)
        await isConnected(page)
        expect(await send(page, 'hello')).toBe(true)
        await vi.waitFor(() => expect(app.received).toContain('hello'), WAIT)
      })

      it('without heartbeats replaces the socket when the browser says that it is online again', async () => {
        const page = await open(`?through=${relay.port}`)
        await isConnected(page)
        relay.fallSilent()
        // Longer than heartbeats would take to notice.
        await delay(9500)
        expect([await page.locator('[data-phase=connected]').count(), app.posts()]).toEqual([1, 1])
        await page.evaluate(() => dispatchEvent(new Event('online')))
        await vi.waitFor(() => expect(app.posts()).toBe(2), WAIT)
        await isConnected(page)
        await send(page, 'hello')
        await vi.waitFor(() => expect(app.received).toContain('hello'), WAIT)
      })
    })

    it(`delivers what is sent during ${LONG ? 60 : 5} s offline once and in order`, async () => {
      const page = await open()
      await isConnected(page)
      const messages = Array.from({ length: 100 }, (_, number) => `message ${number}`)
      await context.setOffline(true)
      for (const socket of app.sockets) socket.removeAllListeners('message')
      for (const message of messages) {
        expect(await send(page, message)).toBe(true)
        await delay(LONG ? 600 : 50)
      }
      await context.setOffline(false)
      await vi.waitFor(() => expect(app.received).toEqual(messages), WAIT)
      await isConnected(page)
    })

    it('replaces the socket of a page whose process stood still for 45 s, as by a sleep', async ({
      skip,
    }) => {
      if (!LONG) skip('It takes 50 s: npm run test:long runs it.')
      const page = await open()
      await isConnected(page)
      // The freezing of the DevTools protocol does nothing to a page that is shown.
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      const renderers = processInfo.filter(({ type }) => type === 'renderer')
      expect(renderers).not.toEqual([])
      for (const { id } of renderers) process.kill(id, 'SIGSTOP')
      try {
        await delay(45_000)
        expect([app.posts(), app.sockets.size]).toEqual([1, 1])
      } finally {
        for (const { id } of renderers) process.kill(id, 'SIGCONT')
      }
      await vi.waitFor(() => expect(app.posts()).toBe(2), WAIT)
      await isConnected(page)
      await vi.waitFor(() => expect(app.sockets.size).toBe(1), WAIT)
    })

    it('asks the route again only after the Retry-After that it answered, also if the tab is shown again', async () => {
      app.refuseFor(3)
      const page = await open()
      await vi.waitFor(() => expect(app.posts()).toBe(1), WAIT)
      for (let time = 0; time < 5; time++) {
        await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
        await delay(100)
      }
      await isConnected(page)
      const [first = 0, second = 0] = app.postTimes
      expect(second - first).toBeGreaterThanOrEqual(2990)
      expect(app.posts()).toBe(2)
    })

    it('is connected sooner after a click if the backend was preloaded while the pointer came', async () => {
      const ROUNDS = 20
      /** How long the pointer rests on a button before the click, and a backend takes to start, in ms. */
      const [HOVER, START] = [200, 300]
      const median = async (query: string) => {
        const documents = Array.from({ length: ROUNDS }, (_, round) => `${query || 'plain'}${round}`)
        app.platform.faults.add({ kind: 'slow-start', ms: START, times: ROUNDS })
        const page = await open(`?click&documents=${documents}&${query}`)
        for (const [round, id] of documents.entries()) {
          await page.getByRole('button', { name: id, exact: true }).hover()
          await delay(HOVER)
          await page.getByRole('button', { name: id, exact: true }).click()
          await page.waitForFunction((count) => window.page.clicked.length > count, round)
        }
        const times = await page.evaluate(() => window.page.clicked.toSorted((one, other) => one - other))
        return times[ROUNDS / 2] ?? 0
      }
      const without = await median('')
      const preloaded = await median('preload')
      console.log(
        `click to connected, p50 of ${ROUNDS}: ${without.toFixed()} ms, preloaded ${preloaded.toFixed()} ms`,
      )
      expect(without - preloaded).toBeGreaterThan(HOVER / 2)
    })
  },
  120_000,
)
