import express, { type ErrorRequestHandler } from 'express'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { expressMiddleware } from '../src/express.ts'
import {
  type AuthorizeContext,
  type CallOptions,
  createSessionBackends,
  jamsocket,
  type Platform,
  SessionBackendError,
  type SessionBackendsOptions,
} from '../src/index.ts'
import { deferred } from './support/deferred.ts'
import { fakePlatform } from './support/fake-platform.ts'
import { listen } from './support/listen.ts'
import { BACKEND, SESSION, sendJson, startUpstream } from './support/upstream.ts'

async function setUp(options: Partial<SessionBackendsOptions> = {}) {
  const upstream = await startUpstream()
  const platform = jamsocket({ account: 'acme', service: 'editor', token: 'sekret', apiUrl: upstream.url })
  onTestFinished(() => platform.close())
  const app = express()
  app.use(
    '/api/sessions',
    expressMiddleware(createSessionBackends({ platform, authorize: () => true, ...options })),
  )
  return { upstream, app, url: await listen(app) }
}

it('spawns, fetches, and relays the statuses', async () => {
  const { upstream, url } = await setUp()
  const opened = await fetch(`${url}/api/sessions/notes%2Fdoc-1`, { method: 'POST' })
  expect([opened.status, await opened.json()]).toEqual([200, { ...SESSION, ref: expect.any(String) }])
  expect(upstream.received).toMatchObject([{ body: { lock: 'editor/notes/doc-1' } }])

  upstream.respond = (response, request) => {
    if (request.path.endsWith('/fetch')) return sendJson({ ...BACKEND, spawned: false })(response, request)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(
      'data:{"state":"Loading","time":"2026-01-01T12:00:00Z"}\n\ndata:{"state":"Lost","time":"2026-01-01T12:00:01Z"}\n\n',
    )
  }
  const found = await fetch(`${url}/api/sessions/doc-1`)
  expect(await found.json()).toEqual({ ...SESSION, spawned: false, ref: expect.any(String) })
  const stream = await fetch(`${url}/api/sessions/doc-1/status`)
  expect(await stream.text()).toContain('data: {"state":"Lost"')
})

it("shows `authorize` Node's request, with what earlier middleware has put there", async () => {
  const authorize = vi.fn(({ nodeRequest }: AuthorizeContext) => {
    return nodeRequest !== undefined && Reflect.get(nodeRequest, 'user') === 'ann'
  })
  const sessionBackends = createSessionBackends({ platform: fakePlatform(), authorize })
  const app = express()
  app.use((request, _response, next) => {
    Object.assign(request, { user: request.headers['x-signed-in-as'] })
    next()
  })
  app.use('/api/sessions', expressMiddleware(sessionBackends))
  const url = `${await listen(app)}/api/sessions/doc`
  const statusFor = async (user: string) =>
    (await fetch(url, { method: 'POST', headers: { 'x-signed-in-as': user } })).status
  expect([await statusFor('ann'), await statusFor('mallory')]).toEqual([200, 403])
})

describe('where the routes are', () => {
  async function lockAt(path: string, mount: (app: express.Express, routes: express.RequestHandler) => void) {
    const platform = fakePlatform()
    const lock: SessionBackendsOptions['lock'] = ({ params, documentId }) =>
      `${String(params.tenant)}/${documentId}`
    const app = express()
    mount(app, expressMiddleware(createSessionBackends({ platform, authorize: () => true, lock })))
    const { status } = await fetch((await listen(app)) + path, { method: 'POST' })
    return platform.calls[0]?.request ?? status
  }

  it.each<[string, Parameters<typeof lockAt>[1], string, unknown]>([
    ['below a mount', (app, routes) => app.use('/rooms', routes), '/rooms/doc', 'undefined/doc'],
    [
      'below the mount of a router',
      (app, routes) => app.use('/rooms', express.Router().use(routes)),
      '/rooms/doc',
      'undefined/doc',
    ],
    ['below `basePath`', (app, routes) => app.use(routes), '/api/sessions/doc', 'undefined/doc'],
    [
      'below a mount with a parameter',
      (app, routes) => app.use('/:tenant/rooms', routes),
      '/acme/rooms/doc',
      'acme/doc',
    ],
    [
      'rewritten by middleware',
      (app, routes) => {
        app.use((request, _response, next) => {
          request.url = request.url.replace('/live/plan', '/rooms/rival--plan')
          next()
        })
        app.use('/rooms', routes)
      },
      '/live/plan',
      'undefined/rival--plan',
    ],
  ])('they are %s', async (_, mount, path, lock) => {
    expect(await lockAt(path, mount)).toMatchObject({ lock })
  })

  it.each<[string, Parameters<typeof lockAt>[1], string]>([
    [
      'below the mount twice',
      (app, routes) => app.use('/api/sessions', routes),
      '/api/sessions/api/sessions/doc',
    ],
    ['above `basePath`', (app, routes) => app.use(routes), '/doc'],
  ])('they are not %s', async (_, mount, path) => {
    expect(await lockAt(path, mount)).toBe(404)
  })
})

describe("the app's error middleware", () => {
  async function startApp(platform: Platform, more: (app: express.Express) => void = () => {}) {
    const handled: unknown[] = []
    const log: object[] = []
    const sessionBackends = createSessionBackends({
      platform,
      authorize: () => true,
      logger: { error: (details) => log.push(details) },
    })
    const app = express()
    more(app)
    app.use('/api/sessions', expressMiddleware(sessionBackends))
    app.use(((error, _request, response, _next) => {
      handled.push(error)
      response.status(500).send('handled')
    }) satisfies ErrorRequestHandler)
    return { handled, log, url: `${await listen(app)}/api/sessions/doc` }
  }

  it('gets unexpected errors, with their cause', async () => {
    const defect = new TypeError('x is not a function')
    const { handled, log, url } = await startApp(fakePlatform({ spawn: () => Promise.reject(defect) }))
    const response = await fetch(url, { method: 'POST' })
    expect([response.status, await response.text()]).toEqual([500, 'handled'])
    expect(handled).toMatchObject([{ code: 'internal', cause: defect }])
    expect(log).toHaveLength(1)
  })

  it('gets neither refusals nor failures of the platform, which the route answers itself', async () => {
    const failure = new SessionBackendError('platform_error', 'no')
    const { handled, url } = await startApp(fakePlatform({ spawn: () => Promise.reject(failure) }))
    expect((await fetch(url, { method: 'POST' })).status).toBe(502)
    expect((await fetch(`${url}/other`)).status).toBe(404)
    expect(handled).toEqual([])
  })

  it('gets nothing when a client leaves', async () => {
    const given = deferred<void>()
    const spawn = vi.fn(
      (_: object, { signal }: CallOptions = {}) =>
        new Promise<never>((_, reject) =>
          signal?.addEventListener('abort', () => {
            reject(signal.reason)
            given.resolve()
          }),
        ),
    )
    const { handled, log, url } = await startApp(fakePlatform({ spawn }))
    const client = new AbortController()
    const request = fetch(url, { method: 'POST', signal: client.signal })
    await vi.waitFor(() => expect(spawn).toHaveBeenCalled())
    client.abort()
    await expect(request).rejects.toThrow()
    await given.promise
    await new Promise(setImmediate)
    expect([handled, log]).toEqual([[], []])
  })

  it('gets the error if the answer fails after somebody else has begun it, and the answer is cut off', async () => {
    const { url } = await startApp(fakePlatform(), (app) => {
      app.use((_request, response, next) => {
        response.writeHead(200).write('early')
        next()
      })
    })
    const response = await fetch(url, { method: 'POST' })
    await expect(response.text()).rejects.toThrow()
  })

  it('gets errors that other middleware throws when the answer begins', async () => {
    const failure = new Error('of the session store')
    const { handled, url } = await startApp(fakePlatform(), (app) => {
      app.use((_request, response, next) => {
        vi.spyOn(response, 'end').mockImplementationOnce(() => {
          throw failure
        })
        next()
      })
    })
    const response = await fetch(url, { method: 'POST' })
    expect([response.status, await response.text(), handled]).toEqual([500, 'handled', [failure]])
  })
})
