import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import SummaryReporter from './scripts/summary-reporter.mjs'

const packages = fileURLToPath(new URL('packages', import.meta.url))
const react18 = `${packages}/react/test/react-18/node_modules`
const { SUMMARY_FILE } = process.env

/** Tests read the packages' sources, so that a change is seen without a build. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@session-backend\/([^/]+)$/, replacement: `${packages}/$1/src/index.ts` },
      { find: /^@session-backend\/([^/]+)\/(.+)$/, replacement: `${packages}/$1/src/$2.ts` },
    ],
  },
  test: {
    reporters: SUMMARY_FILE ? ['default', new SummaryReporter({ outputFile: SUMMARY_FILE })] : ['default'],
    // Style sheets are read as they are; without this they are empty.
    css: true,
    // Most tests wait more than they work.
    maxWorkers: 2,
    testTimeout: 15_000,
    // A busy machine needs longer than the default of 1 s.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 30_000,
    coverage: {
      include: ['packages/*/src/**'],
      // The program is tested as its own process, and what drives containers by `npm run test:engines`.
      exclude: [
        'packages/mock-platform/src/cli/{index,run,reporter}.ts',
        'packages/mock-platform/src/runtime/docker/{caretaker,container}.ts',
        'packages/mock-platform/src/runtime/registry/registry.ts',
      ],
      reporter: ['text-summary', 'html', ['text', { skipFull: true, skipEmpty: true }]],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'react 19 and all the rest',
          provide: { react: '19.' },
          include: [
            'packages/*/test/**/*.test.{ts,tsx}',
            'examples/*/test/**/*.test.ts',
            'e2e/*.test.ts',
            'e2e/soak/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        resolve: {
          alias: [
            { find: /^(react|react-dom|@testing-library\/react)(?=\/|$)/, replacement: `${react18}/$1` },
          ],
        },
        // The oldest React that we support.
        test: {
          name: 'react 18',
          provide: { react: '18.2.' },
          include: ['packages/react/test/**/*.test.tsx'],
        },
      },
    ],
  },
})
