import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describeInBrowser, launchBrowser } from '../browser.ts'
import { backendsOf, type ExampleProcess, startWhiteboard } from '../example.ts'

const WAIT = { timeout: 20_000, interval: 50 }

/** How bright a colour is, `rgb(r, g, b)`, by the rules for web contents. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map((part) => {
    const value = Number(part) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describeInBrowser('a whiteboard on Next', () => {
  let example: ExampleProcess
  let browser: Browser
  let ada: Page
  let vic: Page
  const complaints: string[] = []

  beforeAll(async () => {
    example = await startWhiteboard()
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await example?.dispose()
  })

  async function signIn(name: string, role: 'Editor' | 'Viewer', options: BrowserContextOptions = {}) {
    const page = await (await browser.newContext(options)).newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    await page.goto(example.url)
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel(role).check()
    await page.getByRole('button', { name: 'Sign in' }).click()
    return page
  }

  async function open(page: Page, board: RegExp) {
    await page.getByRole('link', { name: board }).click()
    await isSaved(page)
  }

  async function drawLine(page: Page, y: number) {
    const surface = await page.locator('.surface').boundingBox()
    const [left, top] = [surface?.x ?? 0, surface?.y ?? 0]
    await page.mouse.move(left + 200, top + y)
    await page.mouse.down()
    for (let x = 210; x <= 400; x += 10) await page.mouse.move(left + x, top + y)
    await page.mouse.up()
  }

  const isSaved = (page: Page) => page.getByText(/^Saved$/).waitFor()
  const lines = (page: Page) => page.locator('.stroke').count()
  const backendName = (page: Page) => page.locator('[data-backend]').getAttribute('data-backend')
  const saved = async () => {
    const [folder = ''] = await readdir(join(example.state, 'boards'))
    const files = await readdir(join(example.state, 'boards', folder))
    const file = files.find((name) => name.endsWith('.saved')) ?? ''
    const text = await readFile(join(example.state, 'boards', folder, file), 'utf8')
    return { fencingToken: Number.parseInt(file, 10), strokes: JSON.parse(text.slice(text.indexOf('\n'))) }
  }

  it('refuses anyone who is not signed in', async () => {
    const route = await fetch(new URL('/api/sessions/doodles', example.url), { method: 'POST' })
    expect([route.status, (await route.json()).error.code]).toEqual([401, 'unauthenticated'])
    const page = await fetch(new URL('/boards/doodles', example.url), { redirect: 'manual' })
    expect([page.status, page.headers.get('location')]).toEqual([307, '/sign-in'])
    expect(await backendsOf(example)).toEqual([])
  })

  it('shows what an editor draws, and where everybody points', async () => {
    ada = await signIn('Ada', 'Editor')
    vic = await signIn('Vic', 'Viewer')
    await open(ada, /Doodles/)
    await open(vic, /Doodles/)
    await drawLine(ada, 100)
    await vi.waitFor(async () => expect(await lines(vic)).toBe(1), WAIT)
    await vic.locator('.surface').hover()
    await ada.locator('.cursor').getByText('Vic').waitFor()
    await vic.locator('.cursor').getByText('Ada').waitFor()
    expect(await vic.getByRole('list', { name: 'People on this board' }).textContent()).toMatch(/Ada.*Vic/)
    expect(await backendsOf(example)).toHaveLength(1)
  })

  it("takes back one's own last line by Ctrl+Z, not somebody else's", async () => {
    const ben = await signIn('Бен', 'Editor')
    await open(ben, /Doodles/)
    await drawLine(ben, 150)
    await drawLine(ada, 180)
    await vi.waitFor(async () => expect([await lines(ada), await lines(ben)]).toEqual([3, 3]), WAIT)
    await ben.keyboard.press('Control+z')
    await vi.waitFor(async () => expect([await lines(ada), await lines(ben)]).toEqual([2, 2]), WAIT)
    await ben.getByRole('button', { name: 'Undo my last line' }).isDisabled()
    await ben.keyboard.press('Control+z')
    await ada.keyboard.press('Control+z')
    await vi.waitFor(async () => expect([await lines(ada), await lines(ben)]).toEqual([1, 1]), WAIT)
    await ben.context().close()
  })

  it('tells viewers that they are watching', async () => {
    await vic.getByText('You are watching. Editors draw.').waitFor()
    expect(await ada.getByText('You are watching').count()).toBe(0)
  })

  it('is named after its board', async () => {
    expect(await ada.title()).toBe('Doodles – Whiteboards')
  })

  it('keeps the sign-in from scripts, and to HTTPS where that is spoken', async () => {
    const page = await signIn('Eve', 'Viewer', { extraHTTPHeaders: { 'x-forwarded-proto': 'https' } })
    await page.getByText('Signed in as Eve').waitFor()
    expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, secure: true, sameSite: 'Lax' }])
    await page.context().close()
    expect(await ada.context().cookies()).toMatchObject([{ httpOnly: true, secure: false, sameSite: 'Lax' }])
  })

  it.each(['light', 'dark'] as const)('shows where to write a name, when it is %s', async (colorScheme) => {
    const page = await (await browser.newContext({ colorScheme })).newPage()
    await page.goto(example.url)
    const colors = await page.getByLabel('Your name').evaluate((input) => {
      const { borderTopColor, backgroundColor } = getComputedStyle(input)
      const around = getComputedStyle(input.closest('form') ?? input).backgroundColor
      return [borderTopColor, backgroundColor, around]
    })
    const [border = 0, ...inside] = colors.map(luminance)
    for (const each of inside) {
      const [dark = 0, bright = 0] = [border, each].sort((a, b) => a - b)
      expect((bright + 0.05) / (dark + 0.05)).toBeGreaterThan(3)
    }
    await page.context().close()
  })

  it('does not let a viewer draw, not even one who forges messages', async () => {
    await drawLine(vic, 200)
    expect(await lines(vic)).toBe(1)
    await vic.evaluate(async () => {
      const session = await (await fetch('/api/sessions/doodles', { method: 'POST' })).json()
      const socket = new WebSocket(session.url.replace(/^http/, 'ws'))
      await new Promise((done) => {
        socket.onmessage = done
      })
      const line = { id: 'forged', color: 1, from: 0, points: [[1, 1]] }
      socket.send(JSON.stringify([0, 'draw', line]))
      socket.send(JSON.stringify([0, 'cursor', { x: 7, y: 7 }]))
    })
    // The cursor came after the line, over the same socket.
    await ada.locator('.cursor[transform="translate(7 7)"]').waitFor({ state: 'attached' })
    expect(await lines(ada)).toBe(1)
  })

  it('keeps some boards for editors', async () => {
    const max = await signIn('Max', 'Viewer')
    await max.getByRole('link', { name: /Floor plan/ }).click()
    await max.getByText('This board is for editors only.').waitFor()
    expect(await max.locator('.surface').count()).toBe(0)
    expect(await max.getByRole('button', { name: 'Try again' }).count()).toBe(0)
    expect(await backendsOf(example)).toHaveLength(1)
    await max.context().close()
  })

  it('met no hydration warning and no error on the way', () => {
    expect(complaints).toEqual([])
  })

  it('takes off again what was taken off while there was no connection', async () => {
    await ada.context().setOffline(true)
    for (const pid of await backendsOf(example)) process.kill(pid, 'SIGKILL')
    await ada.getByText('Reconnecting.').waitFor()
    await ada.getByRole('button', { name: 'Undo my last line' }).click()
    expect(await lines(ada)).toBe(0)
    await ada.context().setOffline(false)
    await Promise.all([isSaved(ada), isSaved(vic)])
    await vi.waitFor(async () => expect([await lines(ada), await lines(vic)]).toEqual([0, 0]), WAIT)
    await drawLine(ada, 100)
    await vi.waitFor(async () => expect(await lines(vic)).toBe(1), WAIT)
    await isSaved(ada)
    // The browser itself says of requests and sockets that they failed.
    complaints.length = 0
  })

  it('loses no line when the backend is killed while somebody draws', async () => {
    const name = await backendName(ada)
    const { fencingToken } = await saved()
    const [pid = 0] = await backendsOf(example)
    await drawLine(ada, 200)
    process.kill(pid, 'SIGKILL')
    await drawLine(ada, 300)
    await vi.waitFor(async () => expect(await backendName(ada)).not.toBe(name), WAIT)
    await Promise.all([isSaved(ada), isSaved(vic)])
    await vi.waitFor(async () => expect([await lines(ada), await lines(vic)]).toEqual([3, 3]), WAIT)
    expect((await saved()).strokes).toHaveLength(3)
    expect((await saved()).fencingToken).toBeGreaterThan(fencingToken)
  })

  it('ends the backend when everybody has left, and has everything when they come back', async () => {
    await Promise.all([ada, vic].map((page) => page.context().close()))
    await vi.waitFor(async () => expect(await backendsOf(example)).toEqual([]), WAIT)
    const page = await signIn('Eve', 'Viewer', { colorScheme: 'dark', viewport: { width: 400, height: 700 } })
    await open(page, /Doodles/)
    expect(await lines(page)).toBe(3)
    await page.context().close()
  })

  it('fills most of a phone, which is moved across it', async () => {
    const page = await signIn('Max', 'Viewer', { viewport: { width: 390, height: 844 } })
    await open(page, /Doodles/)
    const paper = await page.locator('.surface').boundingBox()
    expect(paper?.height).toBeGreaterThan(844 / 2)
    expect((paper?.width ?? 0) / (paper?.height ?? 1)).toBeCloseTo(1.6, 1)
    const scrolled = await page.locator('.desk').evaluate((desk) => {
      desk.scrollTo(10_000, 0)
      return desk.scrollLeft + desk.clientWidth >= desk.scrollWidth - 1 && desk.scrollLeft > 0
    })
    expect(scrolled).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.context().close()
  })

  it('shows the board and no more as paper, however low the screen is', async () => {
    for (const viewport of [
      { width: 760, height: 360 },
      { width: 1600, height: 500 },
    ]) {
      const page = await signIn('Max', 'Viewer', { viewport })
      await page.getByRole('link', { name: /Doodles/ }).click()
      const paper = await page.locator('.surface').boundingBox()
      expect((paper?.width ?? 0) / (paper?.height ?? 1)).toBeCloseTo(1.6, 1)
      expect(paper?.width).toBeLessThan(viewport.width)
      expect((paper?.y ?? 0) + (paper?.height ?? 0)).toBeLessThan(viewport.height)
      await page.context().close()
    }
  })

  it('leaves nothing when it is stopped', async () => {
    expect(await example.interrupt()).toBe(0)
    expect(await backendsOf(example)).toEqual([])
  })
})
