import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** Tests against real engines, which `npm run test:engines` brings: Docker, a registry. */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    include: ['packages/*/test-engines/**/*.test.ts', 'e2e/engines/**/*.test.ts'],
    globalSetup: ['scripts/engines/global-setup.mjs'],
    // An engine takes its time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
