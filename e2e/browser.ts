import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../scripts/chromium.mjs'

/** The path of this machine's Chromium; browser tests are skipped where there is none. */
export const chromiumPath = findChromium()

/** Starts a real Chromium that talks to nobody but the pages under test. */
export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('There is no Chromium on this machine: set CHROMIUM_PATH.')
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}
