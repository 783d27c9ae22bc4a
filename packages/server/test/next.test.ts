import { describe, expect, it } from 'vitest'
import { apiRoute, routeHandlers } from '../src/next.ts'
import { createApp, POST } from './support/backends.ts'
import { listen } from './support/listen.ts'

type Params = Record<string, string | string[] | undefined>

/** The lock of the document that a request to a route reaches. */
async function lockThrough(url: string, params: Params): Promise<unknown> {
  const app = createApp()
  const { POST: post } = routeHandlers(app)
  const response = await post(new Request(`http://app.test${url}`, POST), { params: Promise.resolve(params) })
  return response.status === 200 ? app.platform.calls[0]?.request : response.status
}

describe('routeHandlers', () => {
  it.each<[string, string, Params, unknown]>([
    ['a catch-all', '/api/sessions/doc', { path: ['doc'] }, 'editor/doc'],
    ['a catch-all at another place', '/x/y/doc', { path: ['doc'] }, 'editor/doc'],
    ['one segment', '/rooms/doc', { documentId: 'doc' }, 'editor/doc'],
    ['a mount with a segment of its own', '/t/acme/doc', { tenant: 'acme', path: ['doc'] }, 'editor/doc'],
    [
      'a document called as its tenant is',
      '/t/acme/acme',
      { tenant: 'acme', documentId: 'acme' },
      'editor/acme',
    ],
    ['a document called `status`', '/t/acme/status', { tenant: 'acme', path: ['status'] }, 'editor/status'],
    ['an encoded id', '/x/a%2Fb%20c', { path: ['a/b c'] }, 'editor/a/b c'],
    ['an id that Next left encoded', '/x/a%2Fb', { path: ['a%2Fb'] }, 'editor/a/b'],
    ['a slash at the end', '/x/doc/', { path: ['doc'] }, 'editor/doc'],
    ['an id that is encoded twice', '/x/a%252Fb', { path: ['a%2Fb'] }, 'editor/a%2Fb'],
  ])('finds the document of %s', async (_, url, params, lock) => {
    expect(await lockThrough(url, params)).toEqual({ lock })
  })

  it.each<[string, string, Params, number]>([
    ['broken encoding', '/x/%E0%A4%A', { path: ['%E0%A4%A'] }, 400],
    ['broken encoding where Next matched something else', '/x/%E0%A4%A', { path: ['doc'] }, 404],
    ['nothing matched', '/elsewhere/doc/more', {}, 404],
    ['`__proto__`', '/x/__proto__', { path: ['__proto__'] }, 400],
  ])('refuses %s', async (_, url, params, status) => {
    expect(await lockThrough(url, params)).toBe(status)
  })

  it.each<[string, Params]>([
    ['/x/doc/status', { path: ['doc', 'status'] }],
    ['/x/doc/status', { documentId: 'doc' }],
    ['/t/acme/doc/status', { tenant: 'acme', documentId: 'doc' }],
  ])('finds what follows the document: %s with %o', async (path, params) => {
    const { GET } = routeHandlers(createApp())
    const response = await GET(new Request(`http://app.test${path}`), { params: Promise.resolve(params) })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    await response.body?.cancel()
  })

  it('keeps what is not enabled off', async () => {
    const { GET, DELETE } = routeHandlers(createApp())
    const context = (path: string[]) => ({ params: Promise.resolve({ path }) })
    const [logs, terminate] = await Promise.all([
      GET(new Request('http://app.test/x/doc/logs'), context(['doc', 'logs'])),
      DELETE(new Request('http://app.test/x/doc', { method: 'DELETE' }), context(['doc'])),
    ])
    expect([logs.status, terminate.status]).toEqual([404, 404])
  })
})

describe('apiRoute', () => {
  it('finds the document by the query in which Next puts its segments', async () => {
    const app = createApp()
    const handler = apiRoute(app)
    const url = await listen((request, response) =>
      handler(Object.assign(request, { query: { path: ['a/b'], user: 'x' } }), response),
    )
    expect((await fetch(`${url}/api/rooms/a%2Fb?user=x`, POST)).status).toBe(200)
    expect(app.platform.calls).toMatchObject([{ request: { lock: 'editor/a/b' } }])
  })
})
