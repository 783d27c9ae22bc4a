import { createMockPlatform } from '@session-backend/mock-platform'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSessionBackends } from '../src/index.ts'
import { createApp, POST } from './support/backends.ts'

describe('session backends without a `platform`', () => {
  it('read the environment with the first request, so that a build needs none', async () => {
    const log: string[] = []
    const sessionBackends = createSessionBackends({
      authorize: () => true,
      logger: { error: (details) => log.push(JSON.stringify(details, ['err', 'message', 'code'])) },
    })
    onTestFinished(() => sessionBackends.close())
    const open = () => sessionBackends.handle(new Request('http://app.test/api/sessions/doc', POST))

    expect((await open()).status).toBe(500)
    expect(log).toEqual([expect.stringContaining('invalid_option')])

    const platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
    onTestFinished(() => platform.close())
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('JAMSOCKET_ACCOUNT', platform.account)
    vi.stubEnv('JAMSOCKET_SERVICE', 'editor')
    vi.stubEnv('JAMSOCKET_TOKEN', platform.token)
    vi.stubEnv('JAMSOCKET_API_URL', platform.url)
    expect((await open()).status).toBe(200)
  })

  it('can be closed before they were needed', async () => {
    await createSessionBackends({ authorize: () => true }).close()
  })
})

describe('`basePath`', () => {
  it.each<[string | undefined, string, number]>([
    [undefined, '/api/sessions/doc', 200],
    [undefined, '/doc', 404],
    [undefined, '/api/sessionsdoc', 404],
    [undefined, '/api/sessions', 404],
    [undefined, '/api/sessions/api/sessions/doc', 404],
    ['/', '/doc', 200],
    ['/', '/api/sessions/doc', 404],
    ['/rooms/', '/rooms/doc', 200],
  ])('%s: %s is answered with %i', async (basePath, path, status) => {
    const app = createApp({ basePath })
    const response = await app.sessionBackends.handle(new Request(`http://app.test${path}`, POST))
    expect(response.status).toBe(status)
    expect(app.platform.calls).toHaveLength(status === 200 ? 1 : 0)
  })
})
