import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { askedOnReload, describeInBrowser, launchBrowser } from '../browser.ts'
import { backendsOf, type ExampleProcess, startWhiteboard } from '../example.ts'

const WAIT = { timeout: 20_000, interval: 50 }

describeInBrowser('lines that could not be saved yet', () => {
  let example: ExampleProcess
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    example = await startWhiteboard()
    browser = await launchBrowser()
    page = await (
      await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true })
    ).newPage()
    await page.goto(example.url)
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await open('Doodles')
    await isSaved()
  })

  afterAll(async () => {
    await browser?.close()
    await example?.dispose()
  })

  const open = (board: string) => page.getByRole('link', { name: board }).click()
  const isSaved = () => page.getByText(/^Saved$/).waitFor()
  const lines = () => page.locator('.stroke').count()

  /** Fingers on the board, each from where to where; without any, all are lifted. */
  async function touch(...fingers: { x: number; y: number }[]) {
    const devtools = await page.context().newCDPSession(page)
    const { x: left = 0, y: top = 0 } = (await page.locator('.surface').boundingBox()) ?? {}
    return {
      async moveBy(x: number, y: number) {
        const at = (share: number) =>
          fingers.map((finger, id) => ({ x: left + finger.x + x * share, y: top + finger.y + y * share, id }))
        for (const [count] of fingers.entries())
          await devtools.send('Input.dispatchTouchEvent', {
            type: 'touchStart',
            touchPoints: at(0).slice(0, count + 1),
          })
        for (const share of [0.25, 0.5, 0.75, 1])
          await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(share) })
        await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
      },
    }
  }

  it('are not drawn with two fingers, which move the board on a phone', async () => {
    const scrolled = () => page.locator('.desk').evaluate(({ scrollLeft }) => scrollLeft)
    expect(await scrolled()).toBe(0)
    await (await touch({ x: 200, y: 100 }, { x: 260, y: 200 })).moveBy(-120, 0)
    await vi.waitFor(async () => expect(await scrolled()).toBeGreaterThan(60), WAIT)
    expect(await lines()).toBe(0)
    await (await touch({ x: 200 + (await scrolled()), y: 100 })).moveBy(60, 40)
    expect(await lines()).toBe(1)
    await isSaved()
  })

  /** Kills the backend. The app refuses to start another one. */
  async function loseBackend(status: number, code: string) {
    await page.route('**/api/sessions/doodles', (route) =>
      route.fulfill({ status, json: { error: { code, message: 'No backend can be started.' } } }),
    )
    for (const pid of await backendsOf(example)) process.kill(pid, 'SIGKILL')
  }

  it('are kept when another board is opened, and the list says so', async () => {
    await loseBackend(503, 'platform_busy')
    await page.getByText('Reconnecting. What you draw is kept in this browser.').waitFor()
    await (await touch({ x: 220, y: 300 })).moveBy(60, 40)
    expect(await lines()).toBe(2)

    await open('All boards')
    await page
      .getByRole('link', { name: 'Doodles' })
      .getByText('Not saved yet: kept in this browser')
      .waitFor()
    await open('Retrospective')
    await isSaved()
    await open('All boards')
    await open('Doodles')
    await vi.waitFor(async () => expect(await lines()).toBe(2), WAIT)
  })

  it('make the browser ask before the window is closed', async () => {
    expect(await askedOnReload(page)).toBe('beforeunload')
  })

  it('are saved from the list, too, once there is a backend again, and are there after a reload', async () => {
    await open('All boards')
    await page.getByText('Not saved yet').waitFor()
    await page.unroute('**/api/sessions/doodles')
    await page.getByText('Not saved yet').waitFor({ state: 'detached' })
    await page.reload()
    await open('Doodles')
    await vi.waitFor(async () => expect(await lines()).toBe(2), WAIT)
    await isSaved()
  })
  it('are saved by the next visit when the board was left after its session had failed', async () => {
    await loseBackend(500, 'internal')
    await page.getByText(/^Not connected$/).waitFor()
    await (await touch({ x: 240, y: 340 })).moveBy(60, 40)
    await page.getByText('Not connected. What you drew is kept in this browser.').waitFor()
    await open('All boards')
    await open('Retrospective')
    // By now the session of the other board has been closed.
    await isSaved()
    await page.unroute('**/api/sessions/doodles')
    await open('All boards')
    await open('Doodles')
    await isSaved()
    expect(await lines()).toBe(3)
    await page.reload()
    await vi.waitFor(async () => expect(await lines()).toBe(3), WAIT)
  })
})
