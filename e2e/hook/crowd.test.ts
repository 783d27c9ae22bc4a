import { expect, it, onTestFinished } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { createCrowd, mostIn100ms } from './crowd.ts'
import { buildPage, startHookApp } from './page.ts'

const COUNT = 2000
/** A machine that takes longer for the bare requests and handshakes alone, in ms, has no time left to spread them over 3 s. */
const FLOOR = 7000

/** How long it takes, in ms. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

/** An app with one document that 2,000 clients in Node have open, and one Chromium. */
async function openForAll() {
  const app = await startHookApp(await buildPage())
  onTestFinished(() => app.close())
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(app.url)
  const isConnected = () => page.locator('[data-phase=connected]').waitFor({ timeout: 0 })
  await isConnected()
  const crowd = createCrowd(`${app.url}/api/sessions`, COUNT)
  onTestFinished(() => crowd.close())
  // Twice: the first time, the programs are compiled.
  let floor = 0
  for (let round = 0; round < 2; round++) {
    floor = await timeOf(() => {
      crowd.send('bare')
      return crowd.areDone()
    })
  }
  crowd.send('open')
  const opened = await timeOf(crowd.areDone)
  return { app, page, isConnected, crowd, floor, opened }
}

describeInBrowser(
  '2,000 clients of one backend',
  () => {
    it.for(['that crashes', 'that runs on, after all sockets were cut'])(
      'come back to one %s within 10 s, with at most 200 POSTs in 100 ms, once each',
      async (how, { skip }) => {
        if (!process.env.LONG_TESTS) skip('It needs a machine for itself for minutes: set LONG_TESTS.')
        const { app, page, isConnected, crowd, floor, opened } = await openForAll()
        const before = app.posts()
        crowd.due.length = 0
        const took = await timeOf(async () => {
          if (how === 'that crashes') {
            await page.evaluate(() => {
              const { phase, connection } = window.page.sessions.doc ?? {}
              if (phase === 'connected') connection?.send('crash')
            })
          } else for (const socket of app.sockets) socket.terminate()
          await crowd.areLost()
          await crowd.areDone()
          await isConnected()
        })
        const posts = app.postTimes.slice(before)
        const [due, received] = [mostIn100ms(crowd.due), mostIn100ms(posts)]
        const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
        const bare = `Bare requests and handshakes: ${seconds(floor)}; all opened at once: ${seconds(opened)}`
        console.log(
          `${how}: ${posts.length} POSTs, at most ${due} due and ${received} received in 100 ms; all connected after ${seconds(took)}. ${bare}.`,
        )
        expect(due).toBeLessThanOrEqual(200)
        if (floor > FLOOR) skip(`This machine is too busy to tell. ${bare}.`)
        expect(posts).toHaveLength(COUNT + 1)
        expect(took).toBeLessThan(10_000)
      },
    )
  },
  600_000,
)
