import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { FakeBackend, House, open, text } from './house.ts'

const UPGRADE = 'GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

async function errorOf(answer: Response) {
  const { error } = await answer.json()
  return { ...error, http: answer.status }
}

describe('a connection URL', () => {
  it.each([
    ['without a token', '/doc', 400, 'bad_request'],
    ['without a token but with its slash', '/doc/', 400, 'bad_request'],
    ['with the token of another backend', '/doc/other/', 410, 'gone'],
    ['of an unknown backend', '/nobody/secret/', 410, 'gone'],
  ])('%s is answered with an error body', async (_, path, status, code) => {
    let requests = 0
    const house = await House.open((_req, res) => {
      requests++
      res.end()
    })
    const answer = await fetch(`${house.origin}${path}`)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/)
    expect(await errorOf(answer)).toEqual({ http: status, status, code, message: expect.any(String), id })
    expect(await handshake(`${house.origin}${path}`)).toBe(status)
    expect(requests).toBe(0)
    expect(house.backend.counts).toEqual([])
  })

  it('of a backend that has ended is answered with 410', async () => {
    const house = await House.open((_req, res) => res.end('ok'))
    expect((await fetch(house.url())).status).toBe(200)
    house.backend.end()
    expect((await fetch(house.url())).status).toBe(410)
    expect(await handshake(house.url())).toBe(410)
  })

  it('is answered with the error also while an upload is on its way, and the connection stays good', async () => {
    const house = await House.open((_req, res) => res.end('ok'))
    const upload = `POST /doc/wrong/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`
    const next = 'GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    expect((await house.raw(upload + next)).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 410', 'HTTP/1.1 200'])
  })
})

describe('a backend that is out of reach', () => {
  it('is answered with 502, and only the platform learns the cause', async () => {
    const house = await House.open((_req, res) => res.end())
    await house.back.close()
    const answer = await fetch(house.url())
    expect(await errorOf(answer)).toMatchObject({ http: 502, code: 'connection_failed' })
    expect(await handshake(house.url())).toBe(502)
    expect(house.problems).toEqual([
      expect.objectContaining({ code: 'ECONNREFUSED' }),
      expect.objectContaining({ code: 'ECONNREFUSED' }),
    ])
    // Only the first one, which had to ask whether the backend is ready, was counted while it did.
    expect(house.backend.counts).toEqual([1, 0])
  })

  it('is answered with 502 when the connection is lost before the answer', async () => {
    const house = await House.open((req) => void req.socket.destroy())
    const answer = await fetch(house.url(), { method: 'POST', body: 'x' })
    expect(await answer.text()).not.toMatch(/socket|ECONN|at /)
    expect(answer.status).toBe(502)
    expect(house.backend.connections).toBe(0)
  })
})

describe('a request that arrives while the backend is starting', () => {
  it('waits, as a WebSocket does, and is served when the backend is ready', async () => {
    const house = await House.open(async (req, res) => void req.pipe(res), { start: false })
    house.back.server.on('upgrade', (_req, socket) =>
      socket.end('HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n'),
    )
    const answer = fetch(house.url(), { method: 'POST', body: 'early' })
    const socket = handshake(house.url())
    await vi.waitFor(() => expect(house.backend.waiting).toBe(2))
    expect(house.backend.connections).toBe(2)
    house.backend.ready(house.back.address)
    expect(await (await answer).text()).toBe('early')
    expect(await socket).toBe(403)
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
  })

  it('is answered with 410 when the backend ends instead', async () => {
    const house = await House.open((_req, res) => res.end(), { start: false })
    const answers = [fetch(house.url()).then(({ status }) => status), handshake(house.url())]
    await vi.waitFor(() => expect(house.backend.waiting).toBe(2))
    house.backend.end()
    expect(await Promise.all(answers)).toEqual([410, 410])
    expect(house.backend.connections).toBe(0)
  })

  it('stops waiting when its client leaves', async () => {
    let requests = 0
    const house = await House.open(() => void requests++, { start: false })
    const { req } = open(house.url())
    req.end()
    const ws = new WebSocket(house.url())
    ws.on('error', () => {})
    const half = house.dial()
    half.write(UPGRADE)
    await vi.waitFor(() => expect(house.backend.waiting).toBe(3))
    req.destroy()
    ws.terminate()
    half.end()
    await vi.waitFor(() => expect(house.backend.waiting).toBe(0))
    expect(house.backend.connections).toBe(0)
    house.backend.ready(house.back.address)
    await vi.waitFor(() => expect(house.front.sockets.size).toBe(0))
    expect(requests).toBe(0)
  })

  it('is answered with 503 when the proxy closes, as every later one is', async () => {
    const house = await House.open((_req, res) => res.end(), { start: false })
    const waiting = fetch(house.url())
    await vi.waitFor(() => expect(house.backend.waiting).toBe(1))
    await house.proxy.close()
    expect(await errorOf(await waiting)).toMatchObject({ http: 503, code: 'platform_busy' })
    expect((await fetch(house.url())).status).toBe(503)
    expect(house.backend.connections).toBe(0)
  })
})

describe('an upgrade', () => {
  it('that the backend refuses gets the answer of the backend', async () => {
    const house = await House.open((_req, res) => res.end())
    house.back.server.on('upgrade', (_req, socket) => {
      socket.end(
        'HTTP/1.1 401 Sign in\r\nx-reason: none\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n',
      )
    })
    const ws = new WebSocket(house.url())
    const [, answer] = await once(ws, 'unexpected-response')
    expect([answer.statusCode, answer.statusMessage, answer.headers['x-reason']]).toEqual([
      401,
      'Sign in',
      'none',
    ])
    expect(await text(answer)).toBe('no')
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
  })

  it('that the backend refuses, and breaks off with that, is broken off', async () => {
    const house = await House.open((_req, res) => res.end())
    const refused = new Promise<Duplex>((resolve) => {
      house.back.server.on('upgrade', (_req, socket) => {
        socket.write('HTTP/1.1 401 Sign in\r\ncontent-length: 100\r\n\r\nthe beginning')
        resolve(socket)
      })
    })
    const client = house.dial()
    client.write(UPGRADE)
    const backend = await refused
    const broken = once(client, 'error')
    await once(client, 'data')
    backend.destroy()
    expect((await broken)[0].code).toBe('ECONNRESET')
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
  })

  it('that the backend refuses at length is over when its client leaves', async () => {
    const house = await House.open((_req, res) => res.end())
    house.back.server.on('upgrade', (_req, socket) => {
      socket.write('HTTP/1.1 401 Sign in\r\ncontent-length: 100\r\n\r\nthe beginning')
      socket.on('end', () => socket.end()).resume()
    })
    const client = house.dial()
    client.write(UPGRADE)
    await once(client, 'data')
    client.end()
    await vi.waitFor(() => expect([house.front.sockets.size, house.back.sockets.size]).toEqual([0, 0]))
    expect(house.backend.connections).toBe(0)
  })

  it('is answered with 410 if the backend ends before it answers', async () => {
    const house = await House.open((_req, res) => res.end())
    house.back.server.on('upgrade', (_req, socket) => {
      house.backend.end()
      socket.destroy()
    })
    expect(await handshake(house.url())).toBe(410)
    expect(house.problems).toEqual([])
  })
})

describe('a fake backend', () => {
  it('counts a connection down once, however often its end is reported', () => {
    const backend = new FakeBackend()
    const leave = backend.enter()
    leave()
    leave()
    expect(backend.counts).toEqual([1, 0])
  })
})

/** The HTTP status that a WebSocket handshake is answered with. */
async function handshake(url: string): Promise<number> {
  const ws = new WebSocket(url)
  ws.on('error', () => {})
  const [, answer] = await once(ws, 'unexpected-response')
  answer.resume()
  ws.terminate()
  return answer.statusCode
}
