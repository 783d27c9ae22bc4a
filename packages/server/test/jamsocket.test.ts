import { getEventListeners } from 'node:events'
import { SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import type { Jamsocket } from '../src/jamsocket/client.ts'
import { jamsocket } from '../src/jamsocket.ts'
import { clientOf } from './support/client.ts'
import { BACKEND, SESSION, sendJson, startUpstream } from './support/upstream.ts'

async function linesOf(client: Jamsocket): Promise<string[]> {
  const lines: string[] = []
  for await (const line of client.logs('8nyg2')) lines.push(line)
  return lines
}

/** How many are told when a signal aborts: its listeners, and what node keeps of each signal that is made of it. */
function followersOf(signal: AbortSignal): number {
  const key = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  )
  const signals: unknown = key && Reflect.get(signal, key)
  const made = isRecord(signals) && typeof signals.size === 'number' ? signals.size : 0
  return getEventListeners(signal, 'abort').length + made
}

function failureOf(promise: Promise<unknown>): Promise<SessionBackendError> {
  return promise.then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => (error instanceof SessionBackendError ? error : expect.fail(`not ours: ${error}`)),
  )
}

describe('the endpoints of the specification', () => {
  it('spawns a backend', async () => {
    const upstream = await startUpstream()
    const session = await clientOf(upstream).spawn({
      lock: 'editor/doc-1',
      tag: 'v2',
      gracePeriodSeconds: 60,
      env: { DOCUMENT: 'doc-1' },
    })
    expect(session).toEqual(SESSION)
    expect(upstream.received).toMatchObject([
      {
        method: 'POST',
        path: '/user/acme/service/editor/spawn',
        headers: { authorization: 'Bearer sekret', 'content-type': 'application/json' },
        body: { lock: 'editor/doc-1', tag: 'v2', grace_period_seconds: 60, env: { DOCUMENT: 'doc-1' } },
      },
    ])
  })

  it('sends a grace period of 0, and nothing that was left out', async () => {
    const upstream = await startUpstream()
    const client = clientOf(upstream)
    await client.spawn({ gracePeriodSeconds: 0 })
    await client.spawn()
    expect(upstream.received.map(({ body }) => body)).toEqual([{ grace_period_seconds: 0 }, {}])
  })

  it('fetches the backend that holds a lock', async () => {
    const upstream = await startUpstream(sendJson({ ...BACKEND, spawned: false }))
    expect(await clientOf(upstream).fetch({ lock: 'doc' })).toEqual({ ...SESSION, spawned: false })
    expect(upstream.received).toMatchObject([
      { path: '/user/acme/service/editor/fetch', body: { lock: 'doc' } },
    ])
  })

  it('throws `not_running` if no backend holds the lock', async () => {
    const upstream = await startUpstream(sendJson({}, 404))
    expect(await failureOf(clientOf(upstream).fetch({ lock: 'doc' }))).toMatchObject({ code: 'not_running' })
  })

  it('reads the current status, without the token: the endpoint is public', async () => {
    const state = { state: 'Ready', time: '2022-04-13T18:00:21.719786Z' }
    const upstream = await startUpstream(sendJson(state))
    expect(await clientOf(upstream).status('8nyg2')).toEqual(state)
    expect(upstream.received).toMatchObject([{ method: 'GET', path: '/backend/8nyg2/status' }])
  })

  it('terminates, checks the token, creates and lists services, and names the ready page', async () => {
    const upstream = await startUpstream((response, { path }) =>
      sendJson(path.endsWith('/services') ? { services: ['editor', 'chat'] } : { status: 'ok' })(
        response,
        upstream.received[0] ?? expect.fail(),
      ),
    )
    const client = clientOf(upstream)
    await client.terminate('8nyg2')
    await client.checkAuth()
    await client.createService('chat')
    expect(await client.services()).toEqual(['editor', 'chat'])
    expect(upstream.received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/backend/8nyg2/terminate', undefined],
      ['GET', '/auth', undefined],
      ['POST', '/user/acme/service', { name: 'chat' }],
      ['GET', '/user/acme/services', undefined],
    ])
    expect(client.readyUrl('8nyg2')).toBe(`${upstream.url}/backend/8nyg2/ready`)
  })

  it('takes a base URL with or without /v1 and a slash at its end', async () => {
    const upstream = await startUpstream()
    for (const path of ['', '/', '/v1', '/v1/']) {
      await clientOf(upstream, { apiUrl: upstream.url + path }).fetch({ lock: 'doc' })
    }
    expect(upstream.received.map(({ path }) => path)).toEqual([
      '/user/acme/service/editor/fetch',
      '/user/acme/service/editor/fetch',
      '/v1/user/acme/service/editor/fetch',
      '/v1/user/acme/service/editor/fetch',
    ])
  })

  it('encodes every part of a path', async () => {
    const upstream = await startUpstream(sendJson({ state: 'Ready', time: 'now' }))
    const client = clientOf(upstream, { account: 'a/b', service: 'c?d#e' })
    await failureOf(client.fetch({ lock: 'doc' }))
    await client.status('../auth?x')
    expect(upstream.received.map(({ path }) => path)).toEqual([
      '/user/a%2Fb/service/c%3Fd%23e/fetch',
      '/backend/..%2Fauth%3Fx/status',
    ])
    expect(() => client.readyUrl('..')).toThrow(expect.objectContaining({ code: 'invalid_option' }))
  })
})

describe('status and log streams', () => {
  it('follows the statuses until a terminal one, over lost connections', async () => {
    const events = ['Loading', 'Starting', 'Ready', 'Swept'].map(
      (state, index) => `id: ${index}\ndata:${JSON.stringify({ state, time: '2026-01-01T12:00:00Z' })}\n\n`,
    )
    const upstream = await startUpstream((response, { headers }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (headers['last-event-id'] === undefined)
        response.write(events.slice(0, 2).join(''), () => response.destroy())
      else response.end(events.join(''))
    })
    const states: string[] = []
    for await (const { state } of clientOf(upstream).statusStream('8nyg2')) states.push(state)
    expect(states).toEqual(['Loading', 'Starting', 'Ready', 'Swept'])
    expect(
      upstream.received.map(({ path, headers }) => [path, headers['last-event-id'], headers.authorization]),
    ).toEqual([
      ['/backend/8nyg2/status/stream', undefined, undefined],
      ['/backend/8nyg2/status/stream', '1', undefined],
    ])
  })

  it.each([
    [401, 'platform_misconfigured'],
    [403, 'platform_misconfigured'],
    [404, 'not_running'],
    [410, 'not_running'],
    [400, 'platform_error'],
  ])('ends the statuses with an error when the platform answers %i: %s', async (status, code) => {
    const upstream = await startUpstream(sendJson({}, status))
    const states = clientOf(upstream).statusStream('8nyg2')[Symbol.asyncIterator]()
    expect(await failureOf(states.next())).toMatchObject({ code })
  })

  it('asks for the last status if the platform has no stream any more', async () => {
    const last = { state: 'Swept', time: '2026-01-01T12:00:00Z' }
    const upstream = await startUpstream((response, request) => {
      if (request.path.endsWith('/stream')) response.writeHead(204).end()
      else sendJson(last)(response, request)
    })
    const states: unknown[] = []
    for await (const state of clientOf(upstream).statusStream('8nyg2')) states.push(state)
    expect(states).toEqual([last])
  })

  it('closes the connection when the reader stops', async () => {
    const upstream = await startUpstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data:{"state":"Loading","time":"2026-01-01T12:00:00Z"}\n\n')
    })
    for await (const { state } of clientOf(upstream).statusStream('8nyg2')) {
      expect(state).toBe('Loading')
      break
    }
    await upstream.closed()
  })

  it.each(['statusStream', 'logs'] as const)('ends `%s` when it is closed', async (stream) => {
    const upstream = await startUpstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data:{"state":"Loading","time":"2026-01-01T12:00:00Z"}\n\n')
    })
    const client = clientOf(upstream)
    const [open, late] = [client[stream]('8nyg2'), client[stream]('8nyg2')].map((items) =>
      items[Symbol.asyncIterator](),
    )
    expect((await open?.next())?.done).toBe(false)
    const closed = 'The connections to the platform have been closed.'
    const ended = expect(open?.next()).rejects.toThrow(closed)
    await client.close()
    await ended
    await expect(late?.next()).rejects.toThrow(closed)
  })

  it('keeps nothing of streams that are over, even after thousands', async () => {
    const signals: AbortSignal[] = []
    class Controller extends AbortController {
      constructor() {
        super()
        signals.push(this.signal)
      }
    }
    vi.stubGlobal('AbortController', Controller)
    onTestFinished(() => void vi.unstubAllGlobals())
    const upstream = await startUpstream((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('data:{"state":"Exited","time":"2026-01-01T12:00:00Z"}\n\n')
    })
    const client = clientOf(upstream)
    for (let streams = 0; streams < 3; streams++) {
      for await (const { state } of client.statusStream('8nyg2')) expect(state).toBe('Exited')
    }
    expect(signals.length).toBeGreaterThan(3)
    expect(signals.filter((signal) => !signal.aborted && followersOf(signal) > 0)).toEqual([])
  })

  it('reads the log until the backend has ended, over lost connections', async () => {
    let connections = 0
    const upstream = await startUpstream((response, request) => {
      if (request.path.endsWith('/status')) {
        const state = connections > 1 ? 'Exited' : 'Ready'
        return sendJson({ state, time: '2026-01-01T12:00:00Z' })(response, request)
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(
        connections++ === 0 ? 'id: 1\ndata: one\n\nid: 2\ndata: two\ndata:\n\n' : 'id: 3\ndata: three\n\n',
      )
    })
    expect(await linesOf(clientOf(upstream))).toEqual(['one', 'two', '', 'three'])
    const logs = upstream.received.filter(({ path }) => path === '/backend/8nyg2/logs')
    expect(logs.map(({ headers }) => [headers.authorization, headers['last-event-id']])).toEqual([
      ['Bearer sekret', undefined],
      ['Bearer sekret', '2'],
    ])
  })

  it('ends the log with an error if the platform has no log', async () => {
    const upstream = await startUpstream(sendJson({}, 404))
    expect(await failureOf(linesOf(clientOf(upstream)))).toMatchObject({
      code: 'not_running',
    })
  })
})

describe('failures', () => {
  const table: [string, number, Record<string, string>, string][] = [
    ['a refused token', 401, {}, 'platform_misconfigured'],
    ['a forbidden account', 403, {}, 'platform_misconfigured'],
    ['an unknown service', 404, {}, 'platform_misconfigured'],
    ['too many backends', 429, {}, 'platform_busy'],
    ['an overloaded platform', 503, { 'retry-after': '3' }, 'platform_busy'],
    ['a request it does not like', 400, {}, 'platform_error'],
    ['a redirect', 302, { location: 'http://127.0.0.1:9/' }, 'platform_error'],
  ]
  it.each(table)('%s (%i) is an error with a code, and not repeated', async (_, status, headers, code) => {
    const upstream = await startUpstream(sendJson({}, status, headers))
    expect(await failureOf(clientOf(upstream).spawn({ lock: 'doc' }))).toMatchObject({ code })
    expect(upstream.received).toHaveLength(1)
  })

  it("keeps what the platform said as the cause, and out of the error's own message", async () => {
    const error = { message: 'planted', code: 'QuotaExceeded', id: 'err_1', status: 429 }
    const upstream = await startUpstream(sendJson({ error }, 429, { 'retry-after': '7' }))
    const failure = await failureOf(clientOf(upstream).spawn())
    expect(failure).toMatchObject({
      id: 'err_1',
      retryAfter: 7,
      cause: { status: 429, message: 'planted', code: 'QuotaExceeded', id: 'err_1' },
    })
    expect(failure.message).not.toContain('planted')
  })

  it.each(['<html>', '', '{"name":"x"}', '[]', '{"name":1,"url":"javascript:alert(1)"}'])(
    'garbage (%s) is a `platform_error`',
    async (garbage) => {
      const upstream = await startUpstream((response) => response.end(garbage))
      expect(await failureOf(clientOf(upstream).spawn())).toMatchObject({ code: 'platform_error' })
    },
  )

  it.each(['null', '{"services":"editor"}', '{"services":[1]}'])(
    '%s is no list of services, but a `platform_error`',
    async (garbage) => {
      const upstream = await startUpstream((response) => response.end(garbage))
      expect(await failureOf(clientOf(upstream).services())).toMatchObject({ code: 'platform_error' })
    },
  )

  it('tries a spawn with a lock again, at most three times', async () => {
    const upstream = await startUpstream(sendJson({}, 502))
    expect(await failureOf(clientOf(upstream).spawn({ lock: 'doc' }))).toMatchObject({
      code: 'platform_error',
    })
    expect(upstream.received).toHaveLength(3)
  })

  it('tries again when the connection is cut', async () => {
    const upstream = await startUpstream((response, request) => {
      if (upstream.received.length === 1) response.destroy()
      else sendJson(BACKEND)(response, request)
    })
    expect(await clientOf(upstream).spawn({ lock: 'doc' })).toEqual(SESSION)
  })

  it.each([
    ['answers 500', sendJson({}, 500)],
    ['cuts the connection', (response: { destroy(): void }) => response.destroy()],
  ])('never tries a spawn without a lock again when the platform %s', async (_, respond) => {
    const upstream = await startUpstream(respond)
    expect(await failureOf(clientOf(upstream).spawn())).toMatchObject({ code: 'platform_error' })
    expect(upstream.received).toHaveLength(1)
  })

  it('gives up after 10 s of silence, including earlier attempts', async () => {
    const clock = new FakeClock()
    const upstream = await startUpstream(() => {})
    const failure = failureOf(clientOf(upstream, { clock }).spawn({ lock: 'doc' }))
    await vi.waitFor(() => expect(upstream.received).toHaveLength(1))
    clock.advance(9_999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    expect(await failure).toMatchObject({ code: 'platform_timeout' })
    await upstream.closed()
    expect(clock.pending).toBe(0)
  })

  it('gives up an answer that never ends', async () => {
    const clock = new FakeClock()
    const upstream = await startUpstream((response) => response.write('{'))
    const failure = failureOf(clientOf(upstream, { clock }).spawn({ lock: 'doc' }))
    await vi.waitFor(() => expect(upstream.received).toHaveLength(1))
    clock.advance(10_000)
    expect(await failure).toMatchObject({ code: 'platform_timeout' })
  })

  it('holds no more than 1 MiB of an answer', async () => {
    const upstream = await startUpstream((response) => response.end('x'.repeat(2 * 1024 * 1024)))
    expect(await failureOf(clientOf(upstream).spawn())).toMatchObject({ code: 'platform_error' })
  })

  it('stops when the caller aborts', async () => {
    const upstream = await startUpstream(() => {})
    const reason = new Error('left')
    const caller = new AbortController()
    const call = clientOf(upstream).spawn({}, { signal: caller.signal })
    await vi.waitFor(() => expect(upstream.received).toHaveLength(1))
    caller.abort(reason)
    await expect(call).rejects.toBe(reason)
    await upstream.closed()
    await expect(clientOf(upstream).spawn({}, { signal: caller.signal })).rejects.toBe(reason)
    expect(upstream.received).toHaveLength(1)
  })

  it('never sends a request that was aborted before there was a connection', async () => {
    const upstream = await startUpstream()
    const client = clientOf(upstream)
    const caller = new AbortController()
    const call = client.spawn({}, { signal: caller.signal })
    caller.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
    await client.checkAuth()
    expect(upstream.received.map(({ path }) => path)).toEqual(['/auth'])
  })
})

describe('what is checked before anything is sent', () => {
  it.each([
    'PORT',
    'JAMSOCKET_SERVICE',
    'SESSION_BACKEND_ID',
    'SESSION_BACKEND_KEY',
    'SESSION_BACKEND_FENCING_TOKEN',
  ])('refuses the reserved variable %s by its name', async (name) => {
    const upstream = await startUpstream()
    const failure = await failureOf(clientOf(upstream).spawn({ env: { [name]: '1' } }))
    expect(failure).toMatchObject({ code: 'invalid_option', message: expect.stringContaining(name) })
    expect(upstream.received).toHaveLength(0)
  })

  it.each([
    ['a lock of 129 characters', { lock: 'x'.repeat(129) }],
    ['an empty lock', { lock: '' }],
    ['a lock with a line break', { lock: 'a\nb' }],
    ['a lock with half a character', { lock: '\ud800' }],
    ['a grace period below 0', { gracePeriodSeconds: -1 }],
    ['a grace period that is no number', { gracePeriodSeconds: Number.NaN }],
    ['an empty tag', { tag: '' }],
    ['a variable whose name has an equals sign', { env: { 'A=B': '1' } }],
    ['a variable with NUL', { env: { A: '\0' } }],
  ])('refuses %s', async (_, request) => {
    const upstream = await startUpstream()
    expect(await failureOf(clientOf(upstream).spawn(request))).toMatchObject({ code: 'invalid_option' })
    expect(upstream.received).toHaveLength(0)
  })

  it.each([
    [{ account: '' }, 'account'],
    [{ service: '..' }, 'service'],
    [{ token: 'a\r\nb' }, 'token'],
    [{ apiUrl: 'api.example.test' }, 'apiUrl'],
    [{ apiUrl: 'ftp://x' }, 'apiUrl'],
    [{ apiUrl: 'https://user:pass@x' }, 'apiUrl'],
    [{ timeout: 0 }, 'timeout'],
  ])('refuses the option %o at creation', (options, name) => {
    expect(() => jamsocket({ account: 'a', service: 's', token: 't', ...options })).toThrow(name)
  })
})

describe('jamsocket.fromEnv', () => {
  const env = { JAMSOCKET_ACCOUNT: 'acme', JAMSOCKET_SERVICE: 'editor', JAMSOCKET_TOKEN: 't' }

  it.each([
    [{}, 'https://api.jamsocket.com/backend/b/ready'],
    [{ JAMSOCKET_API_URL: 'https://api.example.test/v1' }, 'https://api.example.test/v1/backend/b/ready'],
    [{ JAMSOCKET_DEV: 'true' }, 'http://127.0.0.1:8080/backend/b/ready'],
    [{ JAMSOCKET_DEV: 'true', JAMSOCKET_DEV_PORT: '9000' }, 'http://127.0.0.1:9000/backend/b/ready'],
    [{ JAMSOCKET_DEV: 'false' }, 'https://api.jamsocket.com/backend/b/ready'],
  ])('with %o talks to %s', (more, readyUrl) => {
    expect(jamsocket.fromEnv({ ...env, ...more }).readyUrl('b')).toBe(readyUrl)
  })

  it('needs only the service on a mock platform on this machine', () => {
    const development = { JAMSOCKET_DEV: 'true', JAMSOCKET_SERVICE: 'editor' }
    expect(jamsocket.fromEnv(development).readyUrl('b')).toBe('http://127.0.0.1:8080/backend/b/ready')
  })

  it.each(Object.keys(env))('names %s when it is missing', (name) => {
    expect(() => jamsocket.fromEnv({ ...env, [name]: undefined })).toThrow(
      `The environment variable ${name} must be set, got nothing. During development, start the app by \`mock-platform --`,
    )
  })
})
