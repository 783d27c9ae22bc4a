import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** Pages in three browser engines: Debian's chromium, firefox-esr, webkit2gtk-driver and xvfb must be installed. */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: { include: ['e2e/browsers/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 },
})
