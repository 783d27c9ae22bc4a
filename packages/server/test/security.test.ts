import { createMockPlatform, type Fault } from '@session-backend/mock-platform'
import express from 'express'
import pino from 'pino'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createKeyDerivation } from '../src/engine/derive-key.ts'
import { expressMiddleware } from '../src/express.ts'
import { createSessionBackends, jamsocket } from '../src/index.ts'
import { codeOf, createApp } from './support/backends.ts'
import { listen } from './support/listen.ts'
import { type Respond, sendJson, startUpstream } from './support/upstream.ts'

const TOKEN = 'planted-token-5f3a'
const BODY = 'planted-body-77c1'
/** The key of the document's backend. PROTOCOL.md: "The key". */
const CONTROL_KEY = Buffer.from(
  createKeyDerivation(TOKEN, 'editor')('session-backend control/editor/doc'),
).toString('base64url')

/** An app on Express, and all that it writes. */
async function startApp(apiUrl: string) {
  const log: string[] = []
  const platform = jamsocket({ account: 'acme', service: 'editor', token: TOKEN, apiUrl, timeout: 400 })
  const sessionBackends = createSessionBackends({
    platform,
    authorize: ({ request }) => request.headers.get('x-user') !== 'mallory',
    logs: true,
    terminate: true,
    startupLog: true,
    logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }),
  })
  onTestFinished(() => sessionBackends.close())
  const app = express().use('/api/sessions', expressMiddleware(sessionBackends))
  const url = `${await listen(app)}/api/sessions/doc`
  return {
    log,
    platform,
    /** Status, headers and body as one text: everything that a browser sees. */
    async send(path = '', init: RequestInit = {}) {
      const response = await fetch(url + path, init)
      return {
        status: response.status,
        text: JSON.stringify([...response.headers]) + (await response.text()),
      }
    },
    /** Opens a stream, and leaves once `seen` holds. */
    async follow(path: string, seen: () => void) {
      const client = new AbortController()
      const response = await fetch(url + path, { signal: client.signal })
      const text = response.text().catch(String)
      await vi.waitFor(seen)
      client.abort()
      return `${JSON.stringify([...response.headers])}${await text}`
    },
  }
}

const KINDS: (
  | { kind: 'hang' | 'reset' | 'garbage' }
  | { kind: 'status'; status: number }
  | { kind: 'cut'; bytes: number }
)[] = [
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'hang' },
  { kind: 'cut', bytes: 10 },
  ...[400, 401, 403, 404, 409, 410, 418, 429, 500, 502, 503].map((status) => ({
    kind: 'status' as const,
    status,
  })),
]

describe('a planted secret appears in no answer and no line of the log', () => {
  it.each(KINDS.map((fault) => [JSON.stringify(fault), fault] as const))(
    'under the fault %s',
    async (_, kind) => {
      const platform = await createMockPlatform({
        account: 'acme',
        token: TOKEN,
        services: { editor: { serve: () => {} } },
      })
      onTestFinished(() => platform.close())
      const app = await startApp(platform.url)
      const under = async (fault: Fault, work: (struck: () => void) => Promise<string>) => {
        const active = platform.faults.add({ ...fault, times: Number.POSITIVE_INFINITY })
        const text = await work(() => expect(active.strikes).toBeGreaterThan(0))
        active.remove()
        return text
      }
      const failing = async (init: RequestInit) => {
        const { status, text } = await app.send('', init)
        expect(status).toBeGreaterThanOrEqual(400)
        return text
      }
      const answers = [
        await under({ ...kind, endpoint: 'spawn' }, () => failing({ method: 'POST' })),
        await under({ ...kind, endpoint: 'fetch' }, () => failing({})),
      ]
      // Its deadline is 400 ms, for the calls that hang; a busy machine may need longer.
      await vi.waitFor(async () => expect((await app.send('', { method: 'POST' })).status).toBe(200))
      answers.push(
        await under({ ...kind, endpoint: 'status/stream' }, (struck) => app.follow('/status', struck)),
        await under({ ...kind, endpoint: 'logs' }, (struck) => app.follow('/logs', struck)),
        await under({ ...kind, endpoint: 'terminate' }, () => failing({ method: 'DELETE' })),
      )
      for (const text of [...answers, ...app.log]) {
        for (const secret of [TOKEN, CONTROL_KEY, new URL(platform.url).host, 'This error was injected']) {
          expect(text).not.toContain(secret)
        }
      }
    },
  )

  const bodies: [string, Respond][] = [
    ...[400, 401, 403, 404, 409, 429, 500, 503].map((status): [string, Respond] => [
      `an error of status ${status}`,
      sendJson({ error: { message: BODY, code: BODY, id: BODY } }, status, {
        'x-planted': BODY,
        'retry-after': BODY,
      }),
    ]),
    [
      'something that is no backend',
      sendJson({ name: BODY, url: `javascript:${BODY}`, status: BODY, spawned: BODY }),
    ],
    [
      'a status that nobody knows',
      sendJson({
        name: 'b',
        url: `http://${BODY}/`,
        ready_url: `http://${BODY}/`,
        status_url: `http://${BODY}/`,
        status: BODY,
        spawned: true,
      }),
    ],
    ['HTML', (response) => response.end(`<h1>${BODY}</h1>`)],
    ['a redirect', (response) => response.writeHead(302, { location: `http://${BODY}/` }).end()],
    ['a broken header', (response) => response.socket?.end(`HTTP/1.1 200 OK\r\nx-${BODY}\r\n\r\n`)],
    [
      'half a body',
      (response) => response.writeHead(200, { 'content-length': 999 }).write(BODY, () => response.destroy()),
    ],
  ]
  it.each(bodies)('if the platform sends %s', async (_, respond) => {
    const upstream = await startUpstream(respond)
    const app = await startApp(upstream.url)
    const answers = await Promise.all([
      app.send('', { method: 'POST' }),
      app.send(),
      app.send('/status'),
      app.send('/logs'),
      app.send('', { method: 'DELETE' }),
    ])
    for (const { status, text } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      for (const secret of [BODY, TOKEN, CONTROL_KEY, new URL(upstream.url).host])
        expect(text).not.toContain(secret)
    }
    for (const line of app.log) {
      for (const secret of [BODY, TOKEN, CONTROL_KEY, new URL(upstream.url).host])
        expect(line).not.toContain(secret)
    }
  })

  it('if nothing listens at the address of the platform', async () => {
    const app = await startApp('http://127.0.0.1:9')
    const { status, text } = await app.send('', { method: 'POST' })
    expect(status).toBe(502)
    for (const line of [text, ...app.log]) expect(line).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|planted/)
  })
})

it('the access token and the control key are in no answer if all goes well either', async () => {
  const upstream = await startUpstream()
  const app = await startApp(upstream.url)
  const answers = [await app.send('', { method: 'POST' }), await app.send()]
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(upstream.received.filter(({ method }) => method === 'POST')).toMatchObject([
    {
      headers: { authorization: `Bearer ${TOKEN}` },
      body: { env: { SESSION_BACKEND_CONTROL_KEY: CONTROL_KEY } },
    },
    { headers: { authorization: `Bearer ${TOKEN}` } },
  ])
  for (const { text } of answers)
    for (const secret of [TOKEN, CONTROL_KEY]) expect(text).not.toContain(secret)
})

it('the log of a backend and its termination are off unless the app has enabled them', async () => {
  const authorize = vi.fn(() => true)
  const app = createApp({ authorize })
  for (const [path, method] of [
    ['/doc/logs', 'GET'],
    ['/doc', 'DELETE'],
  ] as const) {
    const response = await app.send(path, { method })
    expect([response.status, await codeOf(response)]).toEqual([404, 'not_found'])
  }
  expect(authorize).not.toHaveBeenCalled()
  expect(app.platform.calls).toEqual([])
})

describe('nothing that a client sends changes who may do what', () => {
  it.each<[string, Record<string, string>]>([
    // CVE-2025-29927: the mark of a middleware that has run.
    ['x-middleware-subrequest', { 'x-middleware-subrequest': Array(5).fill('src/middleware').join(':') }],
    ['x-forwarded-user', { 'x-forwarded-user': 'admin', 'x-verified-username': 'admin' }],
    ['x-original-url', { 'x-original-url': '/other', 'x-rewrite-url': '/other' }],
    ['x-http-method-override', { 'x-http-method-override': 'GET' }],
  ])('a forged %s', async (_, headers) => {
    const upstream = await startUpstream()
    const app = await startApp(upstream.url)
    for (const init of [{ method: 'POST' }, {}, { method: 'DELETE' }]) {
      const { status } = await app.send('', { ...init, headers: { ...headers, 'x-user': 'mallory' } })
      expect(status).toBe(403)
    }
    expect(upstream.received).toEqual([])
  })
})
