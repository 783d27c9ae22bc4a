import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { House } from './house.ts'

/** A backend that sends back what it gets. */
async function openEcho(house: House, onConnection?: (ws: WebSocket, req: IncomingMessage) => void) {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
  })
  house.back.server.on('upgrade', (req, socket, head) => {
    server.handleUpgrade(req, socket, head, (ws) => {
      onConnection?.(ws, req)
      ws.on('message', (data, binary) => ws.send(data, { binary }))
      ws.on('error', () => {})
    })
  })
}

async function connect(house: House, path = '/', protocols?: string[], headers: Record<string, string> = {}) {
  const ws = new WebSocket(house.url(path), protocols, { headers })
  ws.on('error', () => {})
  onTestFinished(() => ws.terminate())
  await once(ws, 'open')
  return ws
}

async function setUp(onConnection?: (ws: WebSocket, req: IncomingMessage) => void): Promise<House> {
  const house = await House.open((_req, res) => res.end())
  await openEcho(house, onConnection)
  return house
}

describe('a WebSocket', () => {
  it('reaches the backend with what its client sent before there was an answer, of which little is held', async () => {
    const house = await House.open((_req, res) => res.end())
    const asked = new Promise<[socket: Duplex, head: Buffer]>((resolve) => {
      house.back.server.on('upgrade', (_req, socket, head) => resolve([socket, head]))
    })
    const early = randomBytes(4 * 1024 * 1024)
    const client = house.dial()
    client.write('GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const [backend, head] = await asked
    client.write(early)
    const [front] = house.front.sockets
    await vi.waitFor(() => expect(front?.bytesRead).toBeGreaterThan(64 * 1024))
    expect(front?.isPaused()).toBe(true)
    expect(front?.bytesRead).toBeLessThan(256 * 1024)
    backend.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    let received = head
    for await (const chunk of backend) {
      received = Buffer.concat([received, chunk])
      if (received.length >= early.length) break
    }
    expect(received.equals(early)).toBe(true)
  })

  it('reaches the backend with its path, its protocol, its origin and the word of the platform', async () => {
    let request: IncomingMessage | undefined
    const house = await setUp((_ws, req) => {
      request = req
    })
    const headers = {
      origin: 'https://app.example',
      'x-verified-username': 'eve',
      'x-forwarded-for': '6.6.6.6',
    }
    const ws = await connect(house, '/room?x=1', ['one', 'two'], headers)
    expect(ws.protocol).toBe('two')
    expect(request?.url).toBe('/room?x=1')
    expect(request?.headers).toMatchObject({
      origin: 'https://app.example',
      'x-verified-username': 'ada',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      connection: 'Upgrade',
      upgrade: 'websocket',
    })
  })

  it('carries every message both ways, with all contents', async () => {
    const house = await setUp()
    const ws = await connect(house)
    const message = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 500 }),
      fc.uint8Array({ maxLength: 5_000 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 20 }), async (messages) => {
        const received: unknown[] = []
        const all = new Promise<void>((resolve) => {
          ws.on('message', (data: Buffer, binary) => {
            received.push(binary ? new Uint8Array(data) : `${data}`)
            if (received.length === messages.length) resolve()
          })
        })
        for (const one of messages) ws.send(one)
        await all
        ws.removeAllListeners('message')
        expect(received).toEqual(messages.map((one) => (typeof one === 'string' ? one : new Uint8Array(one))))
      }),
      { numRuns: 40 },
    )
  })

  it('carries a message of 16 MB', async () => {
    const house = await setUp()
    const ws = await connect(house)
    const body = randomBytes(16 * 1024 * 1024)
    ws.send(body)
    const [echo] = await once(ws, 'message')
    expect(body.equals(echo)).toBe(true)
  })

  it('delivers what the backend says with its handshake, and what the client says before the answer', async () => {
    const house = await setUp((ws) => ws.send('welcome'))
    const ws = new WebSocket(house.url())
    onTestFinished(() => ws.terminate())
    expect(`${(await once(ws, 'message'))[0]}`).toBe('welcome')

    const socket = house.dial()
    const head = `GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`
    // A masked text frame with "hi" and a mask of zeros.
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])]))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    await vi.waitFor(() => expect(received.endsWith('\x81\x02hi')).toBe(true))
    expect(received).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    expect(received.match(/^connection:/gim)).toHaveLength(1)
  })

  it('ends on both sides with the same code, closed by either', async () => {
    const codes: unknown[] = []
    const house = await setUp((ws, req) => {
      ws.on('close', (code) => codes.push(code))
      if (req.url === '/bye') ws.close(4401, 'signed out')
    })
    const one = await connect(house)
    one.close(4001)
    await vi.waitFor(() => expect(codes).toEqual([4001]))
    const two = new WebSocket(house.url('/bye'))
    const [code, reason] = await once(two, 'close')
    expect([code, `${reason}`]).toEqual([4401, 'signed out'])
    await vi.waitFor(() => expect([house.front.sockets.size, house.back.sockets.size]).toEqual([0, 0]))
    expect(house.backend.connections).toBe(0)
  })

  it.each(['client', 'backend'] as const)('is lost on both sides when the %s is lost', async (side) => {
    const sockets: WebSocket[] = []
    const house = await setUp((ws) => sockets.push(ws))
    const ws = await connect(house)
    const backend = sockets[0]
    if (backend === undefined) throw new Error('The backend has no connection.')
    const other = side === 'client' ? backend : ws
    const closed = once(other, 'close')
    ;(side === 'client' ? ws : backend).terminate()
    expect((await closed)[0]).toBe(1006)
    await vi.waitFor(() => expect([house.front.sockets.size, house.back.sockets.size]).toEqual([0, 0]))
    expect(house.backend.connections).toBe(0)
  })

  it('does not stay half open when one side has ended and the other is silent', async () => {
    const house = await House.open((_req, res) => res.end())
    house.back.server.on('upgrade', (_req, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      socket.on('error', () => {}).resume()
    })
    const socket = house.dial()
    socket.write('GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(socket, 'data')
    expect(house.backend.connections).toBe(1)
    socket.end()
    await vi.waitFor(() => expect(house.backend.connections).toBe(0), 5_000)
    await vi.waitFor(() => expect(house.front.sockets.size).toBe(0))
  })

  it('is held back on both sides by the slower one', async () => {
    const house = await setUp((ws) => {
      ws.pause()
    })
    const ws = await connect(house)
    const chunk = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 64; i++) ws.send(chunk)
    let last = -1
    await vi.waitFor(
      () => {
        const now = ws.bufferedAmount
        const still = now === last
        last = now
        expect(still).toBe(true)
      },
      { interval: 200, timeout: 10_000 },
    )
    expect(last).toBeGreaterThan(20 * 1024 * 1024)
  })
})
