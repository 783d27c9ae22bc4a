import { test as base } from 'vitest'
import type { MockPlatformOptions } from './options.ts'
import { createMockPlatform, type MockPlatform } from './platform.ts'

/**
 * Creates a `test` whose `platform` is a running platform of its own, for each test that asks for it. When the
 * test ends, nothing of the platform is left. `test.scoped({ platformOptions })` changes the options for a suite.
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
export function platformTest(options: MockPlatformOptions) {
  return base.extend<{ platformOptions: MockPlatformOptions; platform: MockPlatform }>({
    platformOptions: options,
    platform: async ({ platformOptions }, use) => {
      const platform = await createMockPlatform(platformOptions)
      try {
        await use(platform)
      } finally {
        await platform.close()
      }
    },
  })
}
