import { test } from 'vitest'
import type { MockPlatformOptions } from './options/options.ts'
import { createMockPlatform, type MockPlatform } from './platform.ts'

/**
 * Creates a `test` whose `platform` is a new running platform for each test that asks for it. When the
 * test ends, nothing of the platform is left. It can be extended further, as any `test` of Vitest.
 *
 * ```ts
 * import { platformTest } from '@session-backend/mock-platform/vitest'
 *
 * const test = platformTest({ services: { editor: { command: ['node', 'backend.js'] } } })
 *
 * test('an idle backend is swept', async ({ platform }) => {
 *   // Spawn a backend with platform.url, platform.account and platform.token, then:
 *   platform.clock.advance(300_000)
 * })
 * ```
 */
export function platformTest(options: MockPlatformOptions = {}) {
  return test.extend<{ platform: MockPlatform }>({
    // Vitest reads from the parameter which other fixtures this one needs: none.
    platform: async ({ task: _ }, use) => {
      const platform = await createMockPlatform(options)
      try {
        await use(platform)
      } finally {
        await platform.close()
      }
    },
  })
}
