import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'
import SummaryReporter from './scripts/summary-reporter.mjs'

const packages = fileURLToPath(new URL('packages', import.meta.url))
const { SUMMARY_FILE } = process.env

/**
 * The tests of the hook on another React than the newest.
 *
 * @param version Of the folder `packages/react/test/react-VERSION`, which installs it.
 */
export function onReact(version: string) {
  const modules = `${packages}/react/test/react-${version}/node_modules`
  return {
    extends: true as const,
    resolve: {
      alias: [{ find: /^(react|react-dom|@testing-library\/react)(?=\/|$)/, replacement: `${modules}/$1` }],
    },
    test: {
      name: `react ${version}`,
      provide: { react: `${version}.` },
      include: ['packages/react/test/**/*.test.tsx'],
      // <Activity> came with React 19.2.
      exclude: version < '19.2' ? ['**/activity.test.tsx'] : [],
    },
  }
}

/** Tests of pages in Chromium, which `npm run test:browsers` runs. */
export const PAGES = [
  'packages/mock-platform/test/dashboard/{dashboard,isolation,lists,looks,room-page,waterfall-page}.test.ts',
  'packages/mock-platform/test/pages/*.test.ts',
  'e2e/{other-origins,vite-recipe}.test.ts',
]

/** Tests with many rounds, processes, terminals or hostile bytes, which `npm run test:stress` runs. */
export const STRESS = [
  'packages/mock-platform/test/{hostile-output,load,memory}.test.ts',
  'packages/mock-platform/test/cli/{terminals,two-platforms}.test.ts',
  'packages/mock-platform/test/http/openapi.test.ts',
  'packages/mock-platform/test/locks/*.test.ts',
  'packages/mock-platform/test/runtime/process-tree.test.ts',
  'packages/server/test/hostile-{output,requests}.test.ts',
  'e2e/soak/*.test.ts',
]

/** Tests that replace or reset modules, and one that measures its own process: each needs its own. */
const ISOLATED = [
  'packages/backend/test/storage/fenced-file-model.test.ts',
  'packages/core/test/errors.test.ts',
  'packages/mock-platform/test/runtime/docker/output.test.ts',
  'packages/react/test/hooks/provider.test.tsx',
  'packages/react/test/session/backend-watch.test.tsx',
  'packages/react/test/status/stream-slots.test.ts',
  'packages/react/test/troubleshooting.test.tsx',
  'packages/server/test/reports/telemetry.test.ts',
]

/** Tests read the packages', so that a change is seen without a build. */
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
    maxWorkers: 3,
    testTimeout: 30_000,
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
    provide: { react: '19.' },
    projects: [
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
      {
        extends: true,
        test: {
          name: 'together',
          // Modules are loaded once for all files of a worker, which takes half the processor time.
          isolate: false,
          include: ['packages/*/test/**/*.test.{ts,tsx}', 'examples/*/test/**/*.test.ts', 'e2e/*.test.ts'],
          exclude: [...configDefaults.exclude, ...PAGES, ...STRESS, ...ISOLATED],
        },
      },
    ],
  },
})
