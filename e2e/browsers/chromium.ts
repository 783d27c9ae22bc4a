import { findChromium } from '../../scripts/chromium.mjs'
import { launchBrowser } from '../browser.ts'
import type { BrowserEngine, Tab } from './tab.ts'

/** Chromium by Playwright, with the back/forward cache that Playwright turns off. */
export const chromium: BrowserEngine = {
  name: 'Chromium',
  missing: () => (findChromium() === undefined ? 'Chromium is not installed' : undefined),
  async launch() {
    const browser = await launchBrowser({ backForwardCache: true })
    return {
      close: () => browser.close(),
      async openTab(url): Promise<Tab> {
        const context = await browser.newContext()
        const page = await context.newPage()
        await page.goto(url)
        return {
          goto: async (next) => void (await page.goto(next)),
          back: async () => void (await page.goBack({ waitUntil: 'commit' })),
          forward: async () => void (await page.goForward({ waitUntil: 'commit' })),
          run: (body) => page.evaluate(`(() => { ${body} })()`),
          setOffline: (offline) => context.setOffline(offline),
          screenshot: () => page.screenshot(),
          close: () => context.close(),
        }
      },
    }
  },
}
