import { createMockPlatform, type MockPlatformOptions } from '@session-backend/mock-platform'
import { jamsocket } from '../../src/jamsocket.ts'
import type { Engine } from './engine.ts'

/** A mock platform as an engine. Its services are `editor`, which has the tag `green`, and `static`. */
export async function startMockEngine(
  services: MockPlatformOptions['services'],
  apiVersion: 1 | 2 = 1,
): Promise<Engine> {
  const mock = await createMockPlatform({ services })
  const platform = jamsocket.fromEnv(mock.env('editor'), { apiVersion })
  const withStaticToken = jamsocket.fromEnv(mock.env('static'), { apiVersion })
  return {
    platform,
    withStaticToken,
    tag: 'green',
    shortestIdle: 1,
    async close() {
      await Promise.all([platform.close(), withStaticToken.close()])
      await mock.close()
    },
  }
}
