import { defineConfig } from 'vitest/config'
import base, { PAGES } from './vitest.config.ts'

/**
 * Pages in three browser engines, which `npm run test:browsers` installs; the examples and the hook in Chromium; and 2,000
 * pages that come back at once, in simulated time.
 */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    include: [
      'e2e/browsers/*.test.ts',
      'e2e/check/*.test.ts',
      'e2e/examples/*.test.ts',
      'e2e/hook/*.test.ts',
      'e2e/site/*.test.ts',
      ...PAGES,
    ],
    css: true,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
})
