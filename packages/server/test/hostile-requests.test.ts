import { once } from 'node:events'
import { Agent, createServer, type Server, request as sendRequest } from 'node:http'
import { connect } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import express from 'express'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expressMiddleware } from '../src/express.ts'
import { createSessionBackends, type SessionBackends } from '../src/index.ts'
import { nodeHandler } from '../src/node.ts'
import { fakePlatform } from './support/fake-platform.ts'
import { close, listening } from './support/listen.ts'

/** A platform that never fails: what is answered with 5xx is our own failure. */
const sessionBackends: SessionBackends = createSessionBackends({
  platform: fakePlatform(),
  authorize: ({ request }) => request.headers.get('x-user') !== 'mallory',
  logs: true,
  terminate: true,
  limits: { spawnsPerUser: { max: 1_000_000, seconds: 1 } },
  logger: {
    error(details, message) {
      // A refusal is no failure, and a long header must not fill the log.
      if (message.startsWith('Refused a write from another origin') && message.length < 1_000) return
      problems.push({ details, message })
    },
  },
})
const problems: unknown[] = []
const noteRejection = (reason: unknown) => problems.push({ reason })
const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const servers: Server[] = []
let origins: string[]

beforeAll(async () => {
  process.on('unhandledRejection', noteRejection)
  servers.push(
    createServer(nodeHandler(sessionBackends)),
    createServer(express().use('/api/sessions', expressMiddleware(sessionBackends))),
    createServer(express().use(express.json()).use('/api/sessions', expressMiddleware(sessionBackends))),
  )
  origins = await Promise.all(servers.map(listening))
})

afterAll(async () => {
  process.off('unhandledRejection', noteRejection)
  agent.destroy()
  await sessionBackends.close()
  await Promise.all(servers.map(close))
})

const hex = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code))
const segment = fc.oneof(
  fc.array(fc.oneof(hex, printable), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map(encodeURIComponent),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '..',
    '.',
    '',
    '%',
    '%00',
    '%0d%0aSet-Cookie:%20a=1',
    '%ED%A0%80',
    '%C0%AF',
  ),
  fc.constantFrom('status', 'logs', 'api', 'sessions', 'x'.repeat(121), 'x'.repeat(122), 'x'.repeat(4_000)),
)
const path = fc
  .tuple(
    fc.constantFrom('/api/sessions', '/api/sessions/', '', '/'),
    fc.array(segment, { maxLength: 4 }),
    fc.constantFrom('', '?a=1', '?', '#x', '/'),
  )
  .map(([mount, segments, end]) => `${mount}/${segments.join('/')}${end}`)

const value = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => text.replace(/[^\t\x20-\x7e]/g, '')),
  fc.constantFrom(
    'null',
    '*',
    'cross-site',
    'same-origin',
    'application/json',
    'application/json; charset=utf-16',
  ),
  fc.constantFrom(
    'text/plain',
    'gzip',
    '-1',
    '99999999999999999999',
    'b1:1',
    '[object Object]',
    'http://[',
    'a'.repeat(5_000),
  ),
)
const headers = fc.dictionary(
  fc.constantFrom(
    ...[
      'content-type',
      'content-encoding',
      'origin',
      'sec-fetch-site',
      'host',
      'x-forwarded-host',
      'last-event-id',
    ],
    ...[
      'accept',
      'cookie',
      'authorization',
      'x-user',
      'x-middleware-subrequest',
      'x-__proto__',
      'if-none-match',
    ],
  ),
  value,
  { maxKeys: 5 },
)
const body = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 200 }),
  fc.json(),
  fc.constantFrom(
    '{"__proto__":{"user":"root"}}',
    '{"constructor":{"prototype":{}}}',
    '[]',
    'null',
    '""',
    '{',
    '\ufeff{}',
  ),
  fc.constantFrom(
    '['.repeat(8_000),
    `{"a":"${'x'.repeat(16 * 1024 - 8)}"}`,
    `{"a":"${'x'.repeat(16 * 1024 - 7)}"}`,
  ),
)
const method = fc.constantFrom(
  'GET',
  'POST',
  'DELETE',
  'PUT',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'TRACE',
)
const rest = { body, chunked: fc.boolean(), at: fc.nat(2) }
const anything = fc.record({ method, path, headers, ...rest })
/** Right but for its body: what is refused late needs a request that gets that far. */
const almostRight = fc.record({
  method: fc.constant('POST'),
  path: fc.constant('/api/sessions/doc'),
  headers: fc.constant({ 'content-type': 'application/json' }),
  ...rest,
})
const hostile = fc.oneof({ arbitrary: anything, weight: 9 }, { arbitrary: almostRight, weight: 1 })

type Hostile = typeof hostile extends fc.Arbitrary<infer T> ? T : never

async function send({ method, path, headers, body, chunked, at }: Hostile) {
  const request = sendRequest(origins[at] ?? expect.fail(), { agent, method, path, headers })
  const answered = once(request, 'response')
  if (body !== undefined && chunked) request.write(body)
  request.end(chunked ? undefined : body)
  const [response] = await answered
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

describe('hostile requests', () => {
  it('10,000 of them: none is a failure of ours, and every refusal of ours says what it is', async () => {
    let sent = 0
    const statuses = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 50, maxLength: 50 }), async (requests) => {
        for (const answer of await Promise.all(requests.map(send))) {
          sent++
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
          expect(answer.status).toBeLessThan(500)
          if (answer.headers['cache-control'] !== 'private, no-store') continue
          if (answer.status >= 400 && answer.text !== '') {
            expect(JSON.parse(answer.text)).toEqual({
              error: { code: expect.stringMatching(/^[a-z_]+$/), message: expect.any(String) },
            })
          }
          expect(answer.headers['set-cookie']).toBeUndefined()
        }
      }),
      { numRuns: 200, endOnFailure: true },
    )
    expect(sent).toBe(10_000)
    expect(problems).toEqual([])
    // They reach every part of the handler, and not only its first check.
    for (const status of [200, 400, 403, 404, 405, 413, 415]) expect([...statuses.keys()]).toContain(status)
  }, 120_000)

  it('as raw bytes: 600 broken requests on a real socket get a refusal or a closed connection', async () => {
    const intact = Buffer.from(
      'POST /api/sessions/doc HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    )
    const broken = fc
      .array(
        fc.record({ at: fc.nat(intact.length), bytes: fc.uint8Array({ maxLength: 6 }), cut: fc.nat(4) }),
        { maxLength: 4 },
      )
      .map((changes) =>
        changes.reduce(
          (message, { at, bytes, cut }) =>
            Buffer.concat([message.subarray(0, at), bytes, message.subarray(at + cut)]),
          intact,
        ),
      )
    await fc.assert(
      fc.asyncProperty(
        fc.array(broken, { minLength: 20, maxLength: 20 }),
        fc.nat(2),
        async (messages, at) => {
          const answers = await Promise.all(messages.map((message) => sendRaw(message, at)))
          for (const answer of answers) {
            const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]
            if (answer !== '') expect(Number(status)).toBeLessThan(500)
          }
        },
      ),
      { numRuns: 30, endOnFailure: true },
    )
    expect(problems).toEqual([])
  }, 60_000)
})

/** Everything that comes back. */
async function sendRaw(message: Uint8Array, at: number): Promise<string> {
  const socket = connect(Number(new URL(origins[at] ?? '').port), '127.0.0.1')
  socket.end(message)
  return (await buffer(socket).catch(() => Buffer.alloc(0))).toString('latin1')
}
