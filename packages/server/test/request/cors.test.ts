import { describe, expect, it } from 'vitest'
import { createApp } from '../support/backends.ts'

const TRUSTED = 'https://admin.app.test'
const PREFLIGHT = {
  method: 'OPTIONS',
  headers: {
    origin: TRUSTED,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization, content-type',
  },
}

// PROTOCOL.md: "Other origins".
describe('a page of a trusted origin', () => {
  it('may send what its preflight asks for; `authorize` is not asked', async () => {
    const app = createApp({ trustedOrigins: [TRUSTED], authorize: () => expect.fail() })
    const response = await app.send('/doc', PREFLIGHT)
    expect([response.status, Object.fromEntries(response.headers)]).toMatchObject([
      204,
      {
        allow: 'GET, POST',
        'access-control-allow-origin': TRUSTED,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type',
        vary: 'Origin',
      },
    ])
  })

  it.each([
    ['an answer', '/doc', 200],
    ['an error', '/doc/other', 404],
  ])('may read %s', async (_, path, status) => {
    const app = createApp({ trustedOrigins: [TRUSTED] })
    const response = await app.send(path, { headers: { origin: TRUSTED } })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([status, TRUSTED])
    expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
  })
})

describe('a page of any other origin', () => {
  it.each(['https://evil.test', `${TRUSTED}.evil.test`, 'null'])('of %s may not', async (origin) => {
    const app = createApp({ trustedOrigins: [TRUSTED] })
    for (const init of [
      { ...PREFLIGHT, headers: { ...PREFLIGHT.headers, origin } },
      { headers: { origin } },
    ]) {
      const { headers } = await app.send('/doc', init)
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(headers.get('vary')).toBe('Origin')
    }
  })

  it('gets no answer that depends on the origin, if the app trusts none', async () => {
    const { headers } = await createApp().send('/doc', { headers: { origin: TRUSTED } })
    expect([headers.get('vary'), headers.get('access-control-allow-origin')]).toEqual([null, null])
  })
})
