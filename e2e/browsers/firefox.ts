import { existsSync } from 'node:fs'
import { launch } from 'puppeteer-core'
import type { BrowserEngine, Tab } from './tab.ts'

const PATH = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

/** Firefox by Puppeteer over WebDriver BiDi. */
export const firefox: BrowserEngine = {
  name: 'Firefox',
  missing: () => (existsSync(PATH) ? undefined : 'firefox-esr is not installed'),
  async launch() {
    const browser = await launch({
      browser: 'firefox',
      executablePath: PATH,
      headless: true,
      // Without it, offline mode spares the addresses of this machine.
      extraPrefsFirefox: { 'network.disable-localhost-when-offline': true },
    })
    return {
      close: () => browser.close(),
      async openTab(url): Promise<Tab> {
        // A window: a background tab may be hidden, and hidden pages pause.
        const page = await browser.newPage({ type: 'window' })
        await page.goto(url)
        return {
          goto: async (next) => void (await page.goto(next)),
          back: async () => void (await page.evaluate('history.back()')),
          forward: async () => void (await page.evaluate('history.forward()')),
          run: (body) => page.evaluate(`(() => { ${body} })()`),
          setOffline: (offline) => page.setOfflineMode(offline),
          screenshot: () => page.screenshot(),
          close: () => page.close(),
        }
      },
    }
  },
}
