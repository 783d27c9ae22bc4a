import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The server package in every host of the table, as their own processes; `npm run test:hosts` installs them. */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    include: ['packages/server/test-hosts/*.test.ts'],
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
