import { describe, expect, it } from 'vitest'
import { createSessionBackends, type SessionBackendsOptions } from '../src/index.ts'
import { fakePlatform } from './support/fake-platform.ts'

const required = { platform: fakePlatform(), authorize: () => true as const }

describe('createSessionBackends', () => {
  it.each<[string, object]>([
    ['platform', { platform: null }],
    ['authorize', { authorize: undefined }],
    ['authorize', { authorize: true }],
    ['lock', { lock: 'editor/doc' }],
    ['spawn', { spawn: { tag: 'v2' } }],
    ['basePath', { basePath: 'api/sessions' }],
    ['trustedOrigins', { trustedOrigins: ['*'] }],
    ['trustedOrigins', { trustedOrigins: ['https://app.example.com/'] }],
  ])('names the option that is wrong: `%s`', (name, options) => {
    expect(() => createSessionBackends({ ...required, ...options } as SessionBackendsOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(`\`${name}\``) }),
    )
  })

  it('finds the routes below `basePath`, where the framework leaves it in the URL', async () => {
    const sessionBackends = createSessionBackends({ ...required, basePath: '/deep/below/' })
    const ask = (path: string) =>
      sessionBackends.handle(new Request(`http://app.test${path}`, { method: 'POST' }))
    expect((await ask('/deep/below/doc')).status).toBe(200)
    expect((await ask('/api/sessions/doc')).status).toBe(404)
  })
})
