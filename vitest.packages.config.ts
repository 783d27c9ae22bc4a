import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The packages as they are published: packed, checked, and installed into fresh apps. */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    include: ['e2e/published/*.test.ts'],
  },
})
