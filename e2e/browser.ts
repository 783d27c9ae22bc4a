import { type Browser, chromium, type Page } from 'playwright-core'
import { describe, it } from 'vitest'
import { findChromium } from '../scripts/chromium.mjs'

const executablePath = findChromium()

/** A suite that needs a real Chromium. It is skipped, and says so, if none is installed. `timeout` is each test's, in ms. */
export function describeInBrowser(title: string, define: () => void, timeout = 60_000): void {
  if (executablePath !== undefined) return void describe(title, { timeout }, define)
  return void it(title, ({ skip }) =>
    skip('There is no Chromium on this machine: install one, or set CHROMIUM_PATH.'),
  )
}

/**
 * Starts a real Chromium that talks to nobody but the pages under test.
 *
 * @param options `backForwardCache`: keeps pages that were left, as people's browsers do. Default false.
 */
export function launchBrowser({ backForwardCache = false } = {}): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('There is no Chromium on this machine: set CHROMIUM_PATH.')
  return chromium.launch({
    executablePath,
    ignoreDefaultArgs: backForwardCache ? ['--disable-back-forward-cache'] : [],
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
}

/** Reloads a page that asks its user before it leaves, and stays on it. Returns the dialog's type. */
export async function askedOnReload(page: Page): Promise<string> {
  const asked = page.waitForEvent('dialog')
  // The page answers nothing while it asks.
  await page.evaluate(() => void setTimeout(() => location.reload()))
  const dialog = await asked
  await dialog.dismiss()
  return dialog.type()
}
