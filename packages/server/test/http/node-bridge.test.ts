import { once } from 'node:events'
import { type IncomingMessage, type OutgoingHttpHeaders, request as sendRequest } from 'node:http'
import { createServer as createHttp2Server, connect as openHttp2 } from 'node:http2'
import { createServer as createTlsServer, request as sendTlsRequest } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { Outgoing } from '../../src/http/incoming.ts'
import { fromNode, sendToNode } from '../../src/http/node-bridge.ts'
import { deferred } from '../support/deferred.ts'
import { close, listen, listening } from '../support/listen.ts'

type Exchange = Parameters<Parameters<typeof listen>[0]>

/** Serves `answer`; `respond` does what an adapter does. */
function serve(
  answer: Partial<Outgoing>,
  before: (...exchange: Exchange) => void | Promise<void> = () => {},
) {
  const signals: AbortSignal[] = []
  const url = listen(async (request, response) => {
    await before(request, response)
    const { abort } = fromNode(request, response)
    signals.push(abort.signal)
    await sendToNode({ status: 200, headers: {}, body: '', ...answer }, response)
  })
  return { url, signals }
}

async function* endless(signal: AbortSignal, chunk: string, produced = { chunks: 0 }) {
  while (!signal.aborted) {
    produced.chunks++
    yield chunk
  }
}

describe('a client that leaves', () => {
  it('aborts the signal, and ends the stream', async () => {
    const ended = deferred<void>()
    const { url, signals } = serve({
      body: async function* (signal) {
        yield 'first'
        await once(signal, 'abort')
        ended.resolve()
      },
    })
    const client = new AbortController()
    const response = await fetch(await url, { signal: client.signal })
    await response.body?.getReader().read()
    client.abort()
    await ended.promise
    expect(signals[0]?.aborted).toBe(true)
  })

  it('is noticed even if it left during earlier middleware', async () => {
    const ended = deferred<void>()
    const { url, signals } = serve(
      {
        body: async function* (signal) {
          if (!signal.aborted) yield 'first'
          ended.resolve()
        },
      },
      async (_, response) => {
        await once(response, 'close')
        await new Promise(setImmediate)
      },
    )
    const socket = connect(Number(new URL(await url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n', () => socket.destroy())
    await ended.promise
    expect(signals[0]?.aborted).toBe(true)
  })

  it('does not abort the signal when it has its whole answer', async () => {
    const { url, signals } = serve({ body: 'done' })
    expect(await (await fetch(await url)).text()).toBe('done')
    await new Promise(setImmediate)
    expect(signals[0]?.aborted).toBe(false)
  })
})

describe('an answer', () => {
  it('ends when its reader takes nothing for a minute', async () => {
    const clock = new FakeClock()
    const ended = deferred<void>()
    const url = await listen(async (request, response) => {
      const body = async function* (signal: AbortSignal) {
        yield* endless(signal, 'x'.repeat(64 * 1024))
        ended.resolve()
      }
      fromNode(request, response)
      await sendToNode({ status: 200, headers: {}, body }, response, clock)
    })
    const request = sendRequest(url).end()
    const [response] = await once(request, 'response')
    response.pause()
    await vi.waitFor(() => expect(clock.pending).toBe(1), { timeout: 10_000 })
    const closed = once(response, 'close').catch(() => {})
    clock.advance(60_000)
    response.resume()
    await closed
    expect([response.complete, clock.pending]).toEqual([false, 0])
  })

  it('gets through middleware that wraps `writeHead` and returns nothing, as log4js does', async () => {
    const seen: unknown[] = []
    const { url } = serve(
      {
        body: async function* () {
          yield 'first'
        },
        headers: { 'x-a': 'b' },
      },
      (_, response) => {
        const { writeHead } = response
        Object.assign(response, {
          writeHead(status: number, headers: OutgoingHttpHeaders) {
            seen.push(status)
            writeHead.call(response, status, headers)
          },
        })
      },
    )
    const response = await fetch(await url)
    expect([await response.text(), response.headers.get('x-a'), seen]).toEqual(['first', 'b', [200]])
  })

  it('holds back for a reader that does not read', async () => {
    const produced = { chunks: 0 }
    const chunk = 'x'.repeat(64 * 1024)
    const { url } = serve({ body: (signal) => endless(signal, chunk, produced) })
    const request = sendRequest(await url).end()
    const [response] = await once(request, 'response')
    response.pause()
    let last = -1
    await vi.waitFor(
      () => {
        const before = last
        last = produced.chunks
        expect(last).toBe(before)
      },
      { interval: 100, timeout: 10_000 },
    )
    // What the sockets of both sides hold, and no more.
    expect(produced.chunks).toBeLessThan(400)
    request.destroy()
  })

  it('whose stream fails is cut off, and not completed', async () => {
    const { url } = serve({
      body: async function* () {
        yield 'first'
        throw new Error('sekret')
      },
    })
    const response = await fetch(await url)
    await expect(response.text()).rejects.toThrow()
  })

  it('stops its stream when somebody else ends the response, as an app that shuts down may', async () => {
    const ended = deferred<void>()
    const { url } = serve(
      {
        body: async function* (signal) {
          yield 'first'
          await once(signal, 'abort')
          ended.resolve()
        },
      },
      (_, response) => {
        vi.spyOn(response, 'write').mockImplementationOnce(() => {
          response.end('last')
          return true
        })
      },
    )
    expect(await (await fetch(await url)).text()).toBe('last')
    await ended.promise
  })

  it('is cut off if somebody else has begun it', async () => {
    const { url } = serve({ body: 'late' }, (_, response) => {
      response.writeHead(200).write('early')
    })
    const response = await fetch(await url)
    await expect(response.text()).rejects.toThrow()
  })

  it('has no header that its headers inherit, also if a library extends Object.prototype', async () => {
    const headers = Object.assign(Object.create({ 'x-inherited': 'inherited' }), { 'x-own': 'own' })
    const { url } = serve({ headers })
    const response = await fetch(await url)
    expect([response.headers.get('x-own'), response.headers.get('x-inherited')]).toEqual(['own', null])
  })

  it('has the length of its body in bytes', async () => {
    const { url } = serve({ body: '“é”' })
    const response = await fetch(await url)
    expect(response.headers.get('content-length')).toBe('8')
    expect(await response.text()).toBe('“é”')
  })
})

describe('a request', () => {
  async function received(path: string, headers: Record<string, string | string[]> = {}) {
    const seen = deferred<Request>()
    const url = await listen((request, response) => {
      const incoming = fromNode(request, response)
      seen.resolve(incoming.toRequest())
      response.end()
    })
    const request = sendRequest(url, { path, headers }).end()
    await once(request, 'response')
    return seen.promise
  }

  it('is the whole one for `authorize`, with each header', async () => {
    const request = await received('/api/sessions/doc?x=1', { 'x-list': ['a', 'b'], cookie: 'a=1' })
    expect(new URL(request.url).pathname + new URL(request.url).search).toBe('/api/sessions/doc?x=1')
    expect([request.headers.get('x-list'), request.headers.get('cookie')]).toEqual(['a, b', 'a=1'])
  })

  it.each<[string, (headers: IncomingMessage['headers']) => void, string | null]>([
    [
      'has what middleware has put there',
      (headers) => Object.assign(headers, { 'x-user': 'alice' }),
      'alice',
    ],
    [
      'has what middleware has put there under a name in upper case',
      (headers) => Object.assign(headers, { 'X-User': 'alice' }),
      'alice',
    ],
    ['lacks what middleware has removed', (headers) => delete headers['x-user'], null],
    ['has a list of middleware', (headers) => Object.assign(headers, { 'x-user': ['a', 'b'] }), 'a, b'],
  ])('%s', async (_, change, user) => {
    const seen = deferred<Request>()
    const url = await listen((request, response) => {
      change(request.headers)
      seen.resolve(fromNode(request, response).toRequest())
      response.end()
    })
    await fetch(url, { headers: { 'x-user': 'admin' } })
    expect((await seen.promise).headers.get('x-user')).toBe(user)
  })

  it('has the headers of a host without raw ones, as a function that is invoked has', async () => {
    const seen = deferred<Request>()
    const url = await listen((request, response) => {
      request.rawHeaders.length = 0
      seen.resolve(fromNode(request, response).toRequest())
      response.end()
    })
    await fetch(url, { headers: { cookie: 'a=1' } })
    expect((await seen.promise).headers.get('cookie')).toBe('a=1')
  })

  it('may have a whole URL as its target, whose host counts', async () => {
    const request = await received('http://app.test/api/sessions/doc?x=1', { host: 'other.test' })
    expect(request.url).toBe('http://app.test/api/sessions/doc?x=1')
  })

  it('has a signal that aborts when the client leaves', async () => {
    const aborted = deferred<unknown>()
    const url = await listen((request, response) => {
      const { signal } = fromNode(request, response).toRequest()
      signal.addEventListener('abort', () => aborted.resolve(signal.reason))
      response.flushHeaders()
    })
    const client = new AbortController()
    await fetch(url, { signal: client.signal })
    client.abort()
    expect(await aborted.promise).toMatchObject({ name: 'AbortError' })
  })

  it.each(['//evil.test/doc', '/a\\b', '*', '/%'])('can have the strange target %s', async (path) => {
    expect((await received(path, { host: 'app.test' })).url).toMatch(/^http:\/\/app\.test\//)
  })

  it.each(['a b', '[::', 'x:99999', 'user:password@app.test', 'app.test/path'])(
    'can have the impossible host %j',
    async (host) => {
      expect((await received('/doc', { host })).url).toBe('http://localhost/doc')
    },
  )

  it('has the scheme by which it came', async () => {
    // Without certificates: both ends take a key that nobody vouches for.
    const unsigned = { ciphers: 'AECDH-AES128-SHA:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const
    const seen = deferred<string>()
    const server = createTlsServer(unsigned, (request, response) => {
      seen.resolve(fromNode(request, response).toRequest().url)
      response.end()
    })
    onTestFinished(() => close(server))
    const { port } = new URL(await listening(server))
    const headers = { host: 'app.test' }
    const options = { ...unsigned, port, path: '/doc', headers, rejectUnauthorized: false }
    await once(sendTlsRequest(options).end(), 'response')
    expect(await seen.promise).toBe('https://app.test/doc')
  })

  it('can come over HTTP/2, without the headers that only HTTP/2 has', async () => {
    const seen = deferred<Request>()
    const server = createHttp2Server()
    server.on('request', (...[request, response]: Exchange) => {
      seen.resolve(fromNode(request, response).toRequest())
      response.end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const session = openHttp2(`http://127.0.0.1:${typeof address === 'object' && address?.port}`)
    onTestFinished(() => {
      session.destroy()
      server.close()
    })
    session.request({ ':path': '/doc', ':method': 'DELETE', ':authority': 'app.test', cookie: 'a=1' }).end()
    const { method, url, headers } = await seen.promise
    expect([method, url, [...headers]]).toEqual(['DELETE', 'http://app.test/doc', [['cookie', 'a=1']]])
  })
})

describe('the body of a Node request', () => {
  /** What the handler gets of a body that earlier middleware has had its hands on. */
  async function bodyAfter(before: (request: IncomingMessage) => unknown) {
    const body = deferred<unknown>()
    const url = await listen(async (request, response) => {
      await before(request)
      body.resolve(fromNode(request, response).body())
      response.end()
    })
    const headers = { 'content-type': 'application/json' }
    const [received] = await Promise.all([
      body.promise,
      fetch(url, { method: 'POST', headers, body: '{"a":1}' }),
    ])
    return received
  }

  it('is parsed', async () => {
    expect(await bodyAfter(() => {})).toEqual({ a: 1 })
  })

  it('is what a body parser made of it', async () => {
    const parse = async (request: IncomingMessage) =>
      Object.assign(request, { body: JSON.parse(await text(request)) })
    expect(await bodyAfter(parse)).toEqual({ a: 1 })
  })

  it('is undefined if earlier middleware read it and dropped it', async () => {
    expect(await bodyAfter(text)).toBeUndefined()
  })

  it('cannot be read if earlier middleware set an encoding: a character may be cut in two', async () => {
    const failure = bodyAfter((request) => request.setEncoding('utf8'))
    await expect(failure).rejects.toMatchObject({
      code: 'internal',
      message: 'The body was read as text before.',
    })
  })
})
