import { defineConfig } from 'vitest/config'

/** Tests read the packages' sources, so that a change is seen without a build. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['packages/*/test/**/*.test.{ts,tsx}', 'examples/*/test/**/*.test.ts', 'e2e/**/*.test.ts'],
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
})
