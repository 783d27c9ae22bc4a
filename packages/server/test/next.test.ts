import { describe, expect, it } from 'vitest'
import { apiRoute, routeHandlers } from '../src/next.ts'
import { createApp, POST } from './support/backends.ts'
import { listen } from './support/listen.ts'

type Params = Record<string, string | string[] | undefined>

/** The lock of the document that a request to a route reaches. */
async function lockThrough(url: string, params: Params): Promise<unknown> {
  const app = createApp()
  const { POST: post } = routeHandlers(app.sessionBackends)
  const response = await post(new Request(`http://app.test${url}`, POST), { params: Promise.resolve(params) })
  return response.status === 200 ? app.platform.calls[0]?.request : response.status
}

describe('routeHandlers', () => {
  it.each<[string, string, Params, string]>([
    ['a catch-all', '/api/sessions/doc', { path: ['doc'] }, 'editor/doc'],
    ['one segment', '/rooms/doc', { documentId: 'doc' }, 'editor/doc'],
    ['a mount with a segment', '/t/acme/doc', { tenant: 'acme', path: ['doc'] }, 'editor/doc'],
    [
      'a document called as its tenant is',
      '/t/acme/acme',
      { tenant: 'acme', documentId: 'acme' },
      'editor/acme',
    ],
    ['a document called `status`', '/t/acme/status', { tenant: 'acme', path: ['status'] }, 'editor/status'],
    ['an id with a slash', '/x/a%2Fb%20c', { path: ['a/b c'] }, 'editor/a/b c'],
    ['an id that is encoded twice', '/x/a%252Fb', { path: ['a%2Fb'] }, 'editor/a%2Fb'],
    ['a slash at the end', '/x/doc/', { path: ['doc'] }, 'editor/doc'],
    ['an id that middleware rewrote', '/api/sessions/plan', { path: ['rival--plan'] }, 'editor/rival--plan'],
    ['a path that middleware rewrote', '/live/plan', { path: ['plan'] }, 'editor/plan'],
    ['an absent catch-all', '/acme/sessions/plan', { tenant: 'acme', doc: 'plan' }, 'editor/plan'],
    [
      'an absent catch-all that is there',
      '/acme/sessions/plan',
      { tenant: 'acme', doc: 'plan', rest: undefined },
      'editor/plan',
    ],
  ])('finds the document of %s', async (_, url, params, lock) => {
    expect(await lockThrough(url, params)).toMatchObject({ lock })
  })

  it.each<[string, Params, number]>([
    ['nothing matched', {}, 404],
    ['a longer path', { doc: 'plan', rest: ['status', 'more'] }, 404],
    ['a resource that does not exist', { doc: 'plan', rest: ['secret'] }, 404],
    ['an empty id', { path: [''] }, 404],
    ['`__proto__`', { path: ['__proto__'] }, 400],
  ])('refuses %s, without a look at the URL', async (_, params, status) => {
    expect(await lockThrough('/api/sessions/doc', params)).toBe(status)
  })

  it.each<[string, Params]>([
    ['/x/doc/status', { path: ['doc', 'status'] }],
    ['/live/doc', { path: ['doc', 'status'] }],
    ['/acme/sessions/plan/status', { tenant: 'acme', doc: 'plan', rest: ['status'] }],
  ])('finds what follows the document: %s with %o', async (path, params) => {
    const { GET } = routeHandlers(createApp().sessionBackends)
    const response = await GET(new Request(`http://app.test${path}`), { params: Promise.resolve(params) })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    await response.body?.cancel()
  })

  it('says which folder it needs, if route.ts is in one without a dynamic segment', async () => {
    const app = createApp()
    const { POST: post } = routeHandlers(app.sessionBackends)
    // What Next passes to a static route.
    const context = { params: Promise.resolve(undefined) }
    const response = await Reflect.apply(post, undefined, [new Request('http://app.test/api', POST), context])
    expect(response.status).toBe(500)
    const message =
      '`route.ts` must be in a folder with a dynamic segment, such as `app/api/sessions/[...path]`, got a route without one.'
    expect(app.log).toMatchObject([{ details: { err: { message } } }])
  })

  it("takes the document's id from the segment that `documentId` names", async () => {
    const app = createApp()
    const { POST: post } = routeHandlers(app.sessionBackends, { documentId: 'doc' })
    const params = Promise.resolve({ doc: 'plan', kind: 'board' })
    expect((await post(new Request('http://app.test/plan/board', POST), { params })).status).toBe(200)
    expect(app.platform.calls).toMatchObject([{ request: { lock: 'editor/plan' } }])
  })

  it('shows all segments to `authorize`, `lock` and `spawn`', async () => {
    const seen: unknown[] = []
    const app = createApp({
      authorize: ({ params }) => seen.push(params) > 0,
      lock: ({ params, documentId }) => `${params.tenant}/${documentId}`,
      spawn: ({ params }) => ({ env: { TENANT: String(params.tenant) } }),
    })
    const { POST: post } = routeHandlers(app.sessionBackends)
    for (const tenant of ['acme', 'rival']) {
      await post(new Request('http://app.test/x', POST), {
        params: Promise.resolve({ tenant, doc: 'plan' }),
      })
    }
    expect(seen).toEqual([
      { tenant: 'acme', doc: 'plan' },
      { tenant: 'rival', doc: 'plan' },
    ])
    expect(app.platform.calls).toMatchObject([
      { request: { lock: 'acme/plan', env: { TENANT: 'acme' } } },
      { request: { lock: 'rival/plan', env: { TENANT: 'rival' } } },
    ])
  })

  it('keeps routes off that are not enabled', async () => {
    const { GET, DELETE } = routeHandlers(createApp().sessionBackends)
    const context = (path: string[]) => ({ params: Promise.resolve({ path }) })
    const [logs, terminate] = await Promise.all([
      GET(new Request('http://app.test/x/doc/logs'), context(['doc', 'logs'])),
      DELETE(new Request('http://app.test/x/doc', { method: 'DELETE' }), context(['doc'])),
    ])
    expect([logs.status, terminate.status]).toEqual([404, 404])
  })
})

describe('apiRoute', () => {
  /** Answers as Next does, which mixes the segments with the query string. */
  async function post(url: string, segments: Params, options: Parameters<typeof apiRoute>[1] = {}) {
    const app = createApp()
    const handler = apiRoute(app.sessionBackends, options)
    const origin = await listen((request, response) => {
      const sent = Object.fromEntries(new URL(`http://a${request.url}`).searchParams)
      return handler(Object.assign(request, { query: { ...sent, ...segments } }), response)
    })
    const { status } = await fetch(origin + url, POST)
    return { status, app, calls: app.platform.calls }
  }

  it.each<[string, string, Params]>([
    ['its segments', '/api/rooms/a%2Fb', { path: ['a/b'] }],
    ['its segments, and not the query string', '/api/rooms/x?user=x&documentId=x', { path: ['a/b'] }],
    ['a rewrite', '/live/x', { path: ['a/b'] }],
    ['single segments', '/t/acme/a%2Fb', { tenant: 'acme', doc: 'a/b' }],
  ])('finds the document by %s', async (_, url, segments) => {
    const { status, calls } = await post(url, segments)
    expect(status).toBe(200)
    expect(calls).toMatchObject([{ request: { lock: 'editor/a/b' } }])
  })

  it('finds the document by the name of its segment, not by the query string', async () => {
    const segments = { tenant: 'acme', doc: 'plan' }
    const { calls } = await post('/t/acme/plan?doc=x&path=x&zzz=x', segments, { documentId: 'doc' })
    expect(calls).toMatchObject([{ request: { lock: 'editor/plan' } }])
  })

  it.each(['?zzz=secret', '?doc=plan', '?path=secret'])(
    'does not guess which segment is the document if the query string %s could hold it, and says what to do',
    async (query) => {
      const { status, calls, app } = await post(`/t/acme/plan${query}`, { tenant: 'acme', doc: 'plan' })
      expect([status, calls]).toEqual([500, []])
      expect(JSON.stringify(app.log, ['details', 'err', 'message', 'code'])).toContain('invalid_option')
    },
  )
})
