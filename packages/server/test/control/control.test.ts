import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { parseControlSignature, parseUserToken } from '@session-backend/core/internal'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createKeyDerivation } from '../../src/engine/derive-key.ts'
import { createApp, POST } from '../support/backends.ts'
import { fakePlatform, iterate, sessionOf, stateAt } from '../support/fake-platform.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A backend that answers by `answers`, one after the other, and what it was sent. */
async function startBackend(...answers: Answer[]) {
  const requests: { url: string | undefined; host: string | undefined; signature: string; body: string }[] =
    []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { url, headers } = request
    requests.push({
      url,
      host: headers.host,
      signature: String(headers['x-session-backend-signature']),
      body,
    })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    answer?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { requests, port }
}

const done: Answer = (_request, response) => void response.writeHead(204).end()
const error =
  (status: number, code?: string): Answer =>
  (_request, response) =>
    void response
      .writeHead(status)
      .end(code === undefined ? 'Bad gateway' : JSON.stringify({ error: { code } }))

const secret = createKeyDerivation('sekret', 'editor')

function createAppOn(url: string, options: Parameters<typeof createApp>[0] = {}) {
  const platform = fakePlatform({ deriveKey: secret, fetch: async () => sessionOf('b1', { url }) })
  return createApp({ platform, ...options })
}

describe('what an app says to a backend', () => {
  it('is one request below the connection URL, with a new signature each time, and contains no secret', async () => {
    const { requests, port } = await startBackend(done)
    const app = createAppOn(`http://127.0.0.1:${port}/token/?session-backend-user=x`)
    const { sessionBackends } = app
    expect(await sessionBackends.revoke('doc', { user: 'Ж' })).toEqual({ delivered: true })
    expect(await sessionBackends.send('doc', null)).toEqual({ delivered: true })
    expect(requests.map(({ url, body }) => [url, body])).toEqual([
      ['/token/.session-backend/control', '{"revoke":{"user":"Ж"}}'],
      ['/token/.session-backend/control', '{"send":{"message":null}}'],
    ])
    const signatures = requests.map(({ signature }) => parseControlSignature(signature))
    expect(new Set(signatures.map((each) => each?.nonce)).size).toBe(2)
    expect(app.platform.calls.map(({ name }) => name)).toEqual(['fetch', 'fetch'])
  })

  it('finds backends below `localhost`, which Node does not resolve', async () => {
    const { requests, port } = await startBackend(done)
    const { sessionBackends } = createAppOn(`http://b1.localhost:${port}/token`)
    expect(await sessionBackends.send('doc', 1)).toEqual({ delivered: true })
    expect(requests).toMatchObject([{ url: '/token/.session-backend/control', host: `b1.localhost:${port}` }])
  })

  it.each([
    [410, undefined, { delivered: false }],
    [403, 'forbidden', 'platform_misconfigured'],
    [400, 'bad_request', 'bad_request'],
    [429, 'too_many_requests', 'too_many_requests'],
    [500, 'internal', 'platform_error'],
    [501, 'not_supported', 'not_supported'],
    [404, undefined, 'not_supported'],
    [426, undefined, 'not_supported'],
    [200, undefined, 'not_supported'],
    [302, undefined, 'not_supported'],
    [502, undefined, 'platform_error'],
  ])('comes to an end that the app can tell: %i %s', async (status, code, result) => {
    const { port } = await startBackend(error(status, code))
    const sent = createAppOn(`http://127.0.0.1:${port}/`).sessionBackends.send('doc', 1)
    if (typeof result === 'string') await expect(sent).rejects.toMatchObject({ code: result })
    else expect(await sent).toEqual(result)
  })

  it('is sent again if it is a revocation that did not arrive; a message is sent once', async () => {
    const { requests, port } = await startBackend(error(502), error(502), done)
    const { sessionBackends } = createAppOn(`http://127.0.0.1:${port}/`)
    expect(await sessionBackends.revoke('doc', { user: 'ada' })).toEqual({ delivered: true })
    expect(requests).toHaveLength(3)
    const broken = await startBackend(error(502), done)
    const app = createAppOn(`http://127.0.0.1:${broken.port}/`)
    await expect(app.sessionBackends.send('doc', 1)).rejects.toMatchObject({ code: 'platform_error' })
    expect(broken.requests).toHaveLength(1)
  })

  it('needs a document, a user, JSON of at most 64 KiB, and a secret', async () => {
    const { sessionBackends } = createAppOn('http://127.0.0.1:9/')
    await expect(sessionBackends.revoke('doc', { user: '' })).rejects.toMatchObject({
      code: 'invalid_option',
    })
    await expect(sessionBackends.revoke('', { user: 'ada' })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(sessionBackends.send('doc', 'x'.repeat(70_000))).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    const circle: { self?: unknown } = {}
    circle.self = circle
    for (const message of [undefined, () => {}, 1n, circle]) {
      await expect(sessionBackends.send('doc', message)).rejects.toMatchObject({ code: 'bad_request' })
    }
    const without = createApp({ platform: fakePlatform() }).sessionBackends
    await expect(without.revoke('doc', { user: 'ada' })).rejects.toMatchObject({ code: 'not_supported' })
    expect(() => createApp({ secrets: ['short'] })).toThrow('secrets')
    expect(() => createApp({ secrets: ['short'] })).not.toThrow('short')
  })

  it('is abandoned when the app aborts', async () => {
    const { port } = await startBackend(() => {})
    const { sessionBackends } = createAppOn(`http://127.0.0.1:${port}/`)
    const reason = new Error('The app has no more time.')
    await expect(sessionBackends.send('doc', 1, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await expect(
      sessionBackends.revoke('doc', { user: 'ada', signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
  })
})

describe('a restart', () => {
  it('asks the platform to end the backend, and resolves when it has ended', async () => {
    const asked: string[] = []
    const platform = fakePlatform({
      fetch: async () => sessionOf('b1'),
      terminate: async (name) => void asked.push(`terminate ${name}`),
      async *statusStream(name) {
        asked.push(`follow ${name}`)
        yield* iterate([stateAt('Ready', 0), stateAt('Terminated', 10)])
        asked.push('too long')
      },
    })
    expect(await createApp({ platform }).sessionBackends.restart('doc')).toEqual({ delivered: true })
    expect(asked).toEqual(['terminate b1', 'follow b1'])
  })

  it('does nothing if no backend is running', async () => {
    const fetch = async () => Promise.reject(new SessionBackendError('not_running', 'Nobody holds it.'))
    const app = createApp({ platform: fakePlatform({ fetch }) })
    expect(await app.sessionBackends.restart('doc')).toEqual({ delivered: false })
  })
})

describe('users of a URL that is shared', () => {
  const tokenOf = (url: string) => parseUserToken(new URL(url).searchParams.get('session-backend-user') ?? '')
  const claimsOf = (url: string) => Buffer.from(tokenOf(url)?.claims ?? '', 'base64url').toString()

  it('share the call, and each get a token with the time at which `authorize` was called', async () => {
    const app = createApp({
      platform: fakePlatform({ deriveKey: secret }),
      authorize: ({ request }) => ({ user: request.headers.get('x-user') ?? '' }),
    })
    const before = Date.now()
    const sessions = await Promise.all(
      ['ada', 'ben'].map(async (user) =>
        (await app.send('/doc', { ...POST, headers: { 'x-user': user } })).json(),
      ),
    )
    expect(app.platform.calls).toHaveLength(1)
    for (const [index, user] of ['ada', 'ben'].entries()) {
      const claims = JSON.parse(claimsOf(sessions[index].url))
      expect(claims).toEqual({ user, authorizedAt: expect.any(Number) })
      expect(claims.authorizedAt).toBeGreaterThanOrEqual(before)
    }
  })

  it('get the URL without a token if they have no name and no rights, or if there is no secret', async () => {
    const anonymous = createApp({ platform: fakePlatform({ deriveKey: secret }), authorize: () => true })
    const without = createApp({ platform: fakePlatform(), authorize: () => ({ user: 'ada' }) })
    for (const app of [anonymous, without]) {
      expect((await (await app.send('/doc', POST)).json()).url).toBe('https://b1.example.test/')
    }
  })

  it('get one signature for each secret of the app, and the backend the key of the first', async () => {
    const app = createApp({ secrets: ['the new secret of the app', 'the old secret of the app'] })
    const { url } = await (await app.send('/doc', POST)).json()
    expect(tokenOf(url)?.macs).toHaveLength(2)
    const key = createKeyDerivation(
      'the new secret of the app',
      'editor',
    )('session-backend control/editor/doc')
    expect(app.platform.calls).toMatchObject([
      { request: { env: { SESSION_BACKEND_CONTROL_KEY: Buffer.from(key).toString('base64url') } } },
    ])
  })

  it('may not be so large that no URL can hold them', async () => {
    const app = createApp({
      platform: fakePlatform({ deriveKey: secret }),
      authorize: () => ({ user: 'ada', auth: { text: 'x'.repeat(5_000) } }),
    })
    expect((await app.send('/doc', POST)).status).toBe(500)
    expect(app.log).toHaveLength(1)
  })

  it('can not have the control key set by the app', async () => {
    const app = createApp({ spawn: () => ({ env: { SESSION_BACKEND_CONTROL_KEY: 'mine' } }) })
    expect((await app.send('/doc', POST)).status).toBe(500)
    expect(app.platform.calls).toEqual([])
    expect(JSON.stringify(app.log)).not.toContain('mine')
  })
})

it('derives a key for each secret, service and purpose', () => {
  const keys = [
    createKeyDerivation('a', 'editor')('x'),
    createKeyDerivation('b', 'editor')('x'),
    createKeyDerivation('a', 'editorx')(''),
    createKeyDerivation('a', 'editor')('y'),
  ].map((key) => Buffer.from(key).toString('hex'))
  expect(new Set(keys).size).toBe(4)
  expect(keys.every((key) => key.length === 64)).toBe(true)
})
