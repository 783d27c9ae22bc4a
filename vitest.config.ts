import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import SummaryReporter from './scripts/summary-reporter.mjs'

const packages = fileURLToPath(new URL('packages', import.meta.url))
const { SUMMARY_FILE } = process.env

/** Tests read the packages' sources, so that a change is seen without a build. */
export default defineConfig({
  resolve: {
    alias: [
      { find: '@session-backend/core/conformance', replacement: `${packages}/core/conformance/index.ts` },
      { find: /^@session-backend\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@session-backend\/([^/]+)\/(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.{ts,tsx}', 'examples/*/test/**/*.test.ts', 'e2e/**/*.test.ts'],
    reporters: SUMMARY_FILE ? ['default', new SummaryReporter({ outputFile: SUMMARY_FILE })] : ['default'],
    // Style sheets are read as they are; without this they are empty.
    css: true,
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
})
