import { type Session, watchStatus } from '@session-backend/core'
import { parseBackendAnswer } from '@session-backend/core/internal'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findAxeProblems } from '../axe.ts'
import { describeInBrowser, launchBrowser } from '../browser.ts'

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
)
/** A name of the platform that is not this machine's: its landing page doesn't lead on from there. */
const ELSEWHERE = 'http://platform.example/'
const COMPLAINT = `Error: no database at postgres://localhost/${'a-very-long-name-'.repeat(12)}`

describeInBrowser('the pages of the mock platform, by axe, contrast included', () => {
  let platform: MockPlatform
  let browser: Browser

  beforeAll(async () => {
    platform = await createMockPlatform({
      services: {
        failing: {
          command: [process.execPath, '-e', `console.error(${JSON.stringify(COMPLAINT)}); process.exit(3)`],
        },
        slow: { command: [process.execPath, '-e', 'setInterval(() => {}, 1_000)'] },
      },
    })
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await platform?.close()
  })

  async function spawn(service: string): Promise<Session> {
    const answer = await fetch(`${platform.url}/user/${platform.account}/service/${service}/spawn`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.token}` },
    })
    return parseBackendAnswer(await answer.json())
  }

  async function open(url: string, options: BrowserContextOptions): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage()
    await page.route(`${ELSEWHERE}**`, async (route) => {
      const response = await route.fetch({ url: `${platform.url}${new URL(route.request().url()).pathname}` })
      await route.fulfill({ response })
    })
    await page.goto(url)
    return page
  }

  it.each(LOOKS)('finds no problem, and nothing is too wide: $colorScheme, $width px', async (look) => {
    const { colorScheme, width } = look
    const [slow, failing] = [await spawn('slow'), await spawn('failing')]
    for await (const { state } of watchStatus(`${failing.statusUrl}/stream`)) if (state === 'Failed') break
    const pages = [
      { url: ELSEWHERE, text: 'The dashboard is at' },
      { url: slow.readyUrl, text: 'Starting your session' },
      { url: failing.readyUrl, text: 'Error: no database' },
    ]
    for (const { url, text } of pages) {
      const page = await open(url, { colorScheme, viewport: { width, height: 844 } })
      await page.getByText(text).first().waitFor()
      expect(await findAxeProblems(page), text).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth), text).toBe(width)
      const { SHOTS } = process.env
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${text}-${width}-${colorScheme}.png` })
      await page.context().close()
    }
  })
})
