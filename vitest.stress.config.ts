import { defineConfig } from 'vitest/config'
import base, { STRESS } from './vitest.config.ts'

/** What takes many rounds, processes, terminals or hostile bytes. `npm run test:long` has more of each. */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    include: STRESS,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
  },
})
