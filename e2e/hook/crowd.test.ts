import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { buildPage, startHookApp } from './page.ts'

const COUNT = 2000
const WAIT = { timeout: 120_000, interval: 20 }

/** The most of these times within any 100 ms. */
function mostIn100ms(times: readonly number[]): number {
  return Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + 100).length))
}

/** An app with one document that 2,000 clients in Node have open, and one Chromium. */
async function openForAll() {
  const app = await startHookApp(await buildPage())
  onTestFinished(() => app.close())
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page: Page = await browser.newPage()
  await page.goto(app.url)
  await page.locator('[data-phase=connected]').waitFor()
  const clients = fork(join(import.meta.dirname, 'crowd-clients.mjs'), [
    `${app.url}/api/sessions`,
    String(COUNT),
  ])
  onTestFinished(() => void clients.kill())
  let connected = 0
  clients.on('message', (count: number) => {
    connected = count
  })
  const allConnected = () => vi.waitFor(() => expect(connected).toBe(COUNT), WAIT)
  await allConnected()
  return { app, page, allConnected, connected: () => connected }
}

describeInBrowser(
  '2,000 clients of one backend',
  () => {
    it.for(['that crashes', 'that runs on, after all sockets were cut'])(
      'come back to one %s within 10 s, with at most 200 POSTs in 100 ms',
      async (how, { skip }) => {
        if (!process.env.LONG_TESTS) skip('It needs a machine for itself for minutes: set LONG_TESTS.')
        const { app, page, allConnected, connected } = await openForAll()
        const before = app.posts()
        const since = performance.now()
        if (how === 'that crashes') {
          await page.evaluate(() => {
            const { phase, connection } = window.page.sessions.doc ?? {}
            if (phase === 'connected') connection?.send('crash')
          })
        } else for (const socket of app.sockets) socket.terminate()
        await vi.waitFor(() => expect(connected()).toBeLessThan(COUNT), WAIT)
        await allConnected()
        await page.locator('[data-phase=connected]').waitFor()
        const took = performance.now() - since
        const posts = app.postTimes.slice(before)
        console.log(
          `${how}: ${posts.length} POSTs, at most ${mostIn100ms(posts)} in 100 ms; all connected after ${took.toFixed()} ms`,
        )
        expect(mostIn100ms(posts)).toBeLessThanOrEqual(200)
        expect(took).toBeLessThan(10_000)
      },
    )
  },
  240_000,
)
