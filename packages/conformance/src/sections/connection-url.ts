import assert from 'node:assert/strict'
import type { Row, Section } from '../case.ts'
import { jsonOf, type PlatformUnderTest } from '../platform.ts'

async function statusAt(platform: PlatformUnderTest, url: string | URL): Promise<number> {
  const response = await fetch(url, { signal: platform.signal })
  await response.body?.cancel()
  return response.status
}

/** The headers that a backend sees of a request that claims too much. */
async function headersSeen(platform: PlatformUnderTest, headers: Record<string, string>) {
  const { headers: seen } = await jsonOf(await platform.reach(await platform.spawn(), 'request', { headers }))
  return new Map(Object.entries(Object(seen)))
}

const refusals: Row[] = [
  {
    row: 'Unknown or terminated -> 410',
    title: 'a backend that was terminated is gone',
    async run(platform) {
      const session = await platform.ready()
      assert.equal(await statusAt(platform, new URL('env', session.url)), 200)
      await platform.terminate(session)
      await platform.until(session, 'Terminated')
      assert.equal(await statusAt(platform, new URL('env', session.url)), 410)
    },
  },
  {
    row: 'Unknown or terminated -> 410; the token is a bearer secret in the path',
    title: 'another token than the backend’s is unknown',
    async run(platform) {
      const { url } = await platform.ready()
      assert.equal(await statusAt(platform, new URL('../not-the-token/env', url)), 410)
      const cut = url.replace(/.\/$/, '/env')
      assert.equal(await statusAt(platform, cut), 410)
    },
  },
  {
    row: 'No token -> 400',
    title: 'the URL without its token is a bad request',
    async run(platform) {
      const { url } = await platform.ready()
      assert.equal(await statusAt(platform, new URL('..', url)), 400)
    },
  },
  {
    row: 'Backend unreachable -> 502',
    title: 'a backend that lives and does not listen any more is out of reach',
    async run(platform) {
      const session = await platform.ready()
      await jsonOf(await platform.reach(session, 'close', { method: 'POST' }))
      let status = 0
      while (status !== 502) {
        status = await statusAt(platform, new URL('env', session.url))
        assert(status === 502 || status === 200, String(status))
      }
    },
  },
  {
    row: 'A request that arrives while the backend is starting waits for it',
    title: 'it is answered once the backend listens',
    async run(platform) {
      const spawnedAt = Date.now()
      const session = await platform.spawn({ env: { CONFORMANCE_DELAY_MS: '700' } })
      assert.equal((await platform.env(session)).SESSION_BACKEND_ID, session.name)
      assert(Date.now() - spawnedAt >= 700)
    },
  },
]

const headers: Row[] = [
  {
    row: 'The proxy strips the token before the backend sees the request',
    title: 'the backend sees its own path, and the token at most in x-verified-path',
    async run(platform) {
      const session = await platform.spawn()
      const { url, headers } = await jsonOf(await platform.reach(session, 'request?x'))
      const seen = new Map(Object.entries(Object(headers)))
      const { pathname } = new URL('request', session.url)
      assert.equal(url, '/request?x')
      assert.equal(seen.get('x-verified-path') ?? pathname, pathname)
      seen.delete('x-verified-path')
      assert(!JSON.stringify([...seen]).includes(session.url.split('/').at(-2) ?? session.url))
    },
  },
  {
    row: 'The proxy strips inbound x-verified-*, sets its own',
    title: 'nobody can claim to be verified',
    async run(platform) {
      const claims = {
        'x-verified-username': 'forged',
        'x-verified-path': 'forged',
        'x-verified-anything': 'forged',
      }
      const seen = await headersSeen(platform, claims)
      for (const name of Object.keys(claims)) assert.notEqual(seen.get(name), 'forged', name)
    },
  },
  {
    row: 'The proxy overwrites x-forwarded-for and x-forwarded-proto',
    title: 'they are the platform’s, not the client’s',
    async run(platform) {
      const seen = await headersSeen(platform, {
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'gopher',
      })
      assert(!String(seen.get('x-forwarded-for')).includes('203.0.113.9'))
      assert.match(String(seen.get('x-forwarded-for')), /^[0-9a-f.:]+$/i)
      assert.match(String(seen.get('x-forwarded-proto')), /^https?$/)
    },
  },
  {
    row: 'The proxy adds wildcard CORS to the answer unless the backend set CORS itself',
    title: 'any page may read the answer, or those that the backend says',
    async run(platform) {
      const session = await platform.spawn()
      const origin = async (path: string) => {
        const response = await platform.reach(session, path)
        assert(response.ok)
        await response.body?.cancel()
        return response.headers.get('access-control-allow-origin')
      }
      assert.equal(await origin('env'), '*')
      assert.equal(await origin('cors'), 'https://app.example')
    },
  },
]

export const connectionUrl: Section = { heading: 'Connection URL', rows: [...refusals, ...headers] }
