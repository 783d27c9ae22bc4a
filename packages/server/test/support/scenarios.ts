import type { MockPlatform } from '@session-backend/mock-platform'
import { expect, vi } from 'vitest'
import type { Gate } from './gate.ts'

/** One app, mounted by one adapter, on a real socket. */
export interface App {
  /** Where the routes are mounted. */
  url: string
  platform: MockPlatform
  gate: Gate
  /** Whether a body parser of the framework answers for bodies that are no JSON. */
  parsesBodies: boolean
}

/** Something that happens, and what the route must do. It is the same through every adapter. */
export interface Scenario {
  name: string
  run(app: App): Promise<void>
}

let documents = 0
const newDocument = () => `doc ${++documents}/ü`
const asAlice = { 'x-user': 'alice' }

function send(app: App, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(app.url + path, { ...init, headers: { ...asAlice, ...init.headers } })
}

const pathOf = (document: string) => `/${encodeURIComponent(document)}`

async function open(app: App, document = newDocument(), init: RequestInit = {}) {
  const response = await send(app, pathOf(document), { method: 'POST', ...init })
  return { document, path: pathOf(document), response, body: await response.json() }
}

/** PROTOCOL.md: "Errors". */
async function expectError(response: Response, status: number, code: string): Promise<void> {
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect([response.status, await response.json()]).toEqual([
    status,
    { error: { code, message: expect.any(String) } },
  ])
}

const refusals: [string, string, RequestInit, number, string][] = [
  [
    'a user who is not signed in',
    '/doc',
    { method: 'POST', headers: { 'x-user': 'nobody' } },
    401,
    'unauthenticated',
  ],
  ['a user without access', '/doc', { method: 'POST', headers: { 'x-user': 'mallory' } }, 403, 'forbidden'],
  ['following without a right to', '/doc/status', { headers: { 'x-user': 'mallory' } }, 403, 'forbidden'],
  ['reading the log without a right to', '/doc/logs', { headers: { 'x-user': 'mallory' } }, 403, 'forbidden'],
  [
    'terminating without a right to',
    '/doc',
    { method: 'DELETE', headers: { 'x-user': 'mallory' } },
    403,
    'forbidden',
  ],
  [
    'a forged mark of a middleware that has run',
    '/doc',
    {
      method: 'POST',
      headers: {
        'x-user': 'mallory',
        'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
      },
    },
    403,
    'forbidden',
  ],
  [
    'a write from another site',
    '/doc',
    { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
    403,
    'forbidden',
  ],
  [
    'a write from another origin',
    '/doc',
    { method: 'DELETE', headers: { origin: 'https://evil.example' } },
    403,
    'forbidden',
  ],
  [
    'a write from a page without an origin',
    '/doc',
    { method: 'POST', headers: { origin: 'null' } },
    403,
    'forbidden',
  ],
  ['an id with NUL', '/a%00b', {}, 400, 'bad_request'],
  ['an id with CR and LF', '/a%0D%0Ab', { method: 'POST' }, 400, 'bad_request'],
  ['`__proto__`', '/__proto__', { method: 'POST' }, 400, 'bad_request'],
  ['a lock of 129 characters', `/${'x'.repeat(122)}`, { method: 'POST' }, 400, 'bad_request'],
  [
    'a body that is a list',
    '/doc',
    { method: 'POST', body: '[]', headers: { 'content-type': 'application/json' } },
    400,
    'bad_request',
  ],
  [
    'a body with `__proto__`',
    '/doc',
    { method: 'POST', body: '{"__proto__":{}}', headers: { 'content-type': 'application/json' } },
    400,
    'bad_request',
  ],
  [
    'a body that is no JSON',
    '/doc',
    { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } },
    415,
    'unsupported_media_type',
  ],
  [
    'a body of over 16 KiB',
    '/doc',
    {
      method: 'POST',
      body: JSON.stringify({ a: 'x'.repeat(16 * 1024) }),
      headers: { 'content-type': 'application/json' },
    },
    413,
    'payload_too_large',
  ],
  ['a route that does not exist', '/doc/other', {}, 404, 'not_found'],
  ['a longer path', '/doc/status/more', {}, 404, 'not_found'],
]

const failures: [string, Parameters<MockPlatform['faults']['add']>[0], number, string][] = [
  ['is down', { kind: 'reset', endpoint: 'spawn', times: 3 }, 502, 'platform_error'],
  ['answers 500', { kind: 'status', endpoint: 'spawn', status: 500, times: 3 }, 502, 'platform_error'],
  ['sends garbage', { kind: 'garbage', endpoint: 'spawn', times: 3 }, 502, 'platform_error'],
  ['sends half an answer', { kind: 'cut', endpoint: 'spawn', bytes: 20, times: 3 }, 502, 'platform_error'],
  ['is silent', { kind: 'hang', endpoint: 'spawn' }, 504, 'platform_timeout'],
  [
    'is at its limit',
    { kind: 'status', endpoint: 'spawn', status: 429, retryAfter: 7 },
    503,
    'platform_busy',
  ],
  ['refuses our token', { kind: 'status', endpoint: 'spawn', status: 401 }, 500, 'platform_misconfigured'],
]

/** PROTOCOL.md, row by row. */
export const scenarios: Scenario[] = [
  {
    name: 'opens a document, and finds it again',
    async run(app) {
      const first = await open(app)
      expect(first.response.status).toBe(200)
      expect(first.response.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(first.response.headers.get('cache-control')).toBe('private, no-store')
      expect(first.body).toEqual({
        name: expect.any(String),
        url: expect.stringMatching(/^http:/),
        readyUrl: expect.stringMatching(/^http:/),
        statusUrl: expect.stringMatching(/^http:/),
        status: expect.any(String),
        spawned: true,
        user: 'alice',
        ref: expect.any(String),
        // Only once there were starts to learn from.
        ...(first.body.typicalStart && {
          typicalStart: { p50: expect.any(Number), p90: expect.any(Number) },
        }),
      })
      const again = await open(app, first.document, {
        body: '{}',
        headers: { 'content-type': 'application/json' },
      })
      expect(again.body).toMatchObject({ name: first.body.name, spawned: false })
      const found = await send(app, first.path)
      expect([found.status, await found.json()]).toMatchObject([
        200,
        { name: first.body.name, spawned: false },
      ])
    },
  },
  {
    name: 'answers `not_running` if no backend holds the lock',
    async run(app) {
      for (const path of ['', '/status', '/logs']) {
        await expectError(await send(app, pathOf(newDocument()) + path), 404, 'not_running')
      }
      await expectError(await send(app, pathOf(newDocument()), { method: 'DELETE' }), 404, 'not_running')
    },
  },
  ...refusals.map(
    ([what, path, init, status, code]): Scenario => ({
      name: `refuses ${what}, without a call to the platform`,
      async run(app) {
        const before = app.gate.begun('')
        await expectError(await send(app, path, init), status, code)
        expect(app.gate.begun('')).toBe(before)
      },
    }),
  ),
  {
    name: 'refuses a body that only looks like JSON',
    async run(app) {
      const response = await send(app, '/doc', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      })
      if (app.parsesBodies) expect(response.status).toBe(400)
      else await expectError(response, 400, 'bad_request')
    },
  },
  {
    name: 'refuses a method that a route does not take, and names those that it does',
    async run(app) {
      const response = await send(app, '/doc/status', { method: 'DELETE' })
      expect(response.headers.get('allow')).toBe('GET')
      await expectError(response, 405, 'method_not_allowed')
    },
  },
  ...failures.map(
    ([what, fault, status, code]): Scenario => ({
      name: `answers ${status} when the platform ${what}, and works again afterwards`,
      async run(app) {
        const { remove } = app.platform.faults.add(fault)
        const document = newDocument()
        const response = await send(app, pathOf(document), { method: 'POST' })
        if (code === 'platform_busy') expect(response.headers.get('retry-after')).toBe('7')
        await expectError(response, status, code)
        remove()
        expect((await open(app, document)).response.status).toBe(200)
      },
    }),
  ),
  {
    name: 'tries again if a lock makes that safe',
    async run(app) {
      app.platform.faults.add({ kind: 'reset', endpoint: 'spawn' })
      expect((await open(app)).response.status).toBe(200)
    },
  },
  {
    name: 'gives the platform call up when the client leaves',
    async run(app) {
      const { remove } = app.platform.faults.add({ kind: 'hang', endpoint: 'spawn' })
      const client = new AbortController()
      const request = open(app, newDocument(), { signal: client.signal })
      await vi.waitFor(() => expect(app.gate.open('/spawn')).toBe(1))
      client.abort()
      await expect(request).rejects.toThrow()
      await vi.waitFor(() => expect(app.gate.open('/spawn')).toBe(0))
      remove()
    },
  },
  {
    name: 'relays the statuses by one stream from the platform, however many follow, and ends with the backend',
    async run(app) {
      const { path, body } = await open(app)
      const before = app.gate.begun('/status/stream')
      const followers = await Promise.all([1, 2, 3].map(() => send(app, `${path}/status`)))
      for (const follower of followers) {
        expect(follower.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
        expect(follower.headers.get('cache-control')).toBe('private, no-store, no-transform')
      }
      const texts = Promise.all(followers.map((follower) => follower.text()))
      await vi.waitFor(() => expect(app.gate.open('/status/stream')).toBe(1))
      const terminated = await send(app, path, { method: 'DELETE' })
      expect([terminated.status, await terminated.json()]).toEqual([200, { status: 'ok' }])
      for (const text of await texts) {
        expect(text).toContain(`"state":"Ready"`)
        expect(text).toMatch(
          new RegExp(`data: {"state":"Terminated","time":"[^"]+","backend":"${body.name}"}\n\n$`),
        )
      }
      expect(app.gate.begun('/status/stream')).toBe(before + 1)
    },
  },
  {
    name: 'skips the statuses that a follower has received',
    async run(app) {
      const { path, body } = await open(app)
      await vi.waitFor(async () => {
        expect(await (await send(app, path)).json()).toMatchObject({ status: 'Ready' })
      })
      const follower = await send(app, `${path}/status`, { headers: { 'last-event-id': `${body.name}:2` } })
      await send(app, path, { method: 'DELETE' })
      const text = await follower.text()
      expect(text).toContain('"state":"Terminated"')
      expect(text).not.toContain('data: {"state":"Loading"')
    },
  },
  {
    name: 'closes the stream from the platform when the last follower leaves',
    async run(app) {
      const { path } = await open(app)
      const clients = [new AbortController(), new AbortController()]
      const followers = await Promise.all(
        clients.map(({ signal }) => send(app, `${path}/status`, { signal })),
      )
      const gone = followers.map((follower) => expect(follower.text()).rejects.toThrow())
      await vi.waitFor(() => expect(app.gate.open('/status/stream')).toBe(1))
      clients[0]?.abort()
      await gone[0]
      expect(app.gate.open('/status/stream')).toBe(1)
      clients[1]?.abort()
      await gone[1]
      await vi.waitFor(() => expect(app.gate.open('/status/stream')).toBe(0))
    },
  },
  {
    name: 'relays the log',
    async run(app) {
      const { path } = await open(app)
      const client = new AbortController()
      const response = await send(app, `${path}/logs`, { signal: client.signal })
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? ''
      expect(text).toContain('data: hello from the backend\n\n')
      client.abort()
    },
  },
]
