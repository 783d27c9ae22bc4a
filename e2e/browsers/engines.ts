import { describe, it } from 'vitest'
import { chromium } from './chromium.ts'
import { firefox } from './firefox.ts'
import type { BrowserEngine } from './tab.ts'
import { webkit } from './webkit.ts'

/** A suite for each engine. An engine that isn't installed is skipped, and says so. */
export function describeInEngines(title: string, define: (engine: BrowserEngine) => void): void {
  for (const engine of [chromium, firefox, webkit]) {
    const missing = engine.missing()
    if (missing === undefined) describe(`${title} in ${engine.name}`, () => define(engine))
    else it(`${title} in ${engine.name}`, ({ skip }) => skip(`${missing}.`))
  }
}
