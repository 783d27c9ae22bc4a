import { defineConfig } from 'vitest/config'
import base, { onReact } from './vitest.config.ts'

/**
 * The packages as they are published: packed, checked, and installed into fresh apps. And the hook on each React that
 * we support but the newest, on which `npm test` runs it.
 */
export default defineConfig({
  ...(base.resolve && { resolve: base.resolve }),
  test: {
    ...(base.test?.reporters && { reporters: base.test.reporters }),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine needs longer than the default of 1 s.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      { extends: true, test: { name: 'published', include: ['e2e/published/*.test.ts'] } },
      // The oldest that we support.
      onReact('18.2'),
      onReact('19.0'),
      onReact('19.2'),
    ],
  },
})
