import { createMockPlatform, type MockPlatformOptions } from '@session-backend/mock-platform'
import { jamsocket } from '../../src/jamsocket.ts'
import type { Engine } from './engine.ts'

/** A mock platform as an engine. Its services are `editor`, `static` and `warm`, and `editor` and
 * `warm` have the tag `green`. */
export async function startMockEngine(
  services: MockPlatformOptions['services'],
  apiVersion: 1 | 2 = 1,
): Promise<Engine> {
  const mock = await createMockPlatform({ services })
  const platform = jamsocket.fromEnv(mock.env('editor'), { apiVersion })
  const withStaticToken = jamsocket.fromEnv(mock.env('static'), { apiVersion })
  const withWarmPool = jamsocket.fromEnv(mock.env('warm'), { apiVersion })
  return {
    platform,
    withStaticToken,
    withWarmPool,
    tag: 'green',
    shortestIdle: 1,
    async close() {
      await Promise.all([platform, withStaticToken, withWarmPool].map((client) => client.close()))
      await mock.close()
    },
  }
}
