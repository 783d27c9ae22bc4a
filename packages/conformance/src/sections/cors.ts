import assert from 'node:assert/strict'
import type { Row, Section } from '../case.ts'
import type { PlatformUnderTest } from '../platform.ts'

const ORIGIN = { origin: 'https://app.example' }

/** Asks as a page of another origin does, and leaves the body alone. */
async function ask(
  platform: PlatformUnderTest,
  path: string,
  request: Parameters<PlatformUnderTest['request']>[1],
) {
  const response = await platform.request(path, { ...request, headers: { ...ORIGIN, ...request?.headers } })
  await response.body?.cancel()
  return response
}

const readable = (path: string): Row => ({
  row: `GET /backend/:backend_name${path} supports CORS: all origins may read the response`,
  title: `a page of any origin may read ${path}, without a token`,
  async run(platform) {
    const { name } = await platform.spawn()
    const response = await ask(platform, `/backend/${name}${path}`, { token: null })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
  },
})

const preflight = (path: string): Row => ({
  row: `GET /backend/:backend_name${path} supports CORS`,
  title: `a page may ask first (OPTIONS) whether it may send Last-Event-ID to ${path}`,
  async run(platform) {
    const { name } = await platform.spawn()
    const headers = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'last-event-id',
    }
    const { ok, headers: answered } = await ask(platform, `/backend/${name}${path}`, {
      method: 'OPTIONS',
      token: null,
      headers,
    })
    assert(ok)
    assert.equal(answered.get('access-control-allow-origin'), '*')
    assert.match(answered.get('access-control-allow-methods') ?? '', /\bGET\b|\*/)
    assert.match(answered.get('access-control-allow-headers') ?? '', /last-event-id|\*/i)
  },
})

export const cors: Section = {
  heading: 'CORS',
  rows: [
    readable('/status/stream'),
    preflight('/status/stream'),
    readable('/status'),
    preflight('/status'),
    {
      row: 'Endpoints that support CORS are marked; the others are not',
      title: 'no other endpoint lets a page read its answer, asked outright or first (OPTIONS)',
      async run(platform) {
        const lock = platform.newLock()
        const { name } = await platform.spawn({ lock })
        const others: [string, Parameters<PlatformUnderTest['request']>[1]][] = [
          ['/auth', {}],
          [`/user/${encodeURIComponent(platform.options.account)}/services`, {}],
          [platform.servicePath('spawn'), { json: { lock } }],
          [platform.servicePath('fetch'), { json: { lock } }],
          [`/backend/${name}/logs`, {}],
          [`/backend/${name}/ready`, {}],
          [`/backend/${name}/terminate`, { method: 'POST' }],
        ]
        for (const [path, request] of others) {
          const answer = await ask(platform, path, request)
          assert.equal(answer.status, 200, path)
          assert.equal(answer.headers.get('access-control-allow-origin'), null, path)
          const headers = { 'access-control-request-method': request?.json ? 'POST' : 'GET' }
          const first = await ask(platform, path, { method: 'OPTIONS', token: null, headers })
          assert.equal(first.headers.get('access-control-allow-origin'), null, `OPTIONS ${path}`)
        }
      },
    },
  ],
}
