import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { House, open } from './house.ts'
import { openManual } from './manual.ts'

describe('a client that leaves', () => {
  it('also ends its request to the backend', async () => {
    const { house, next } = await openManual()
    const { req } = open(house.url())
    req.end()
    const { res } = await next()
    const closed = once(res, 'close')
    req.destroy()
    await closed
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
    expect(house.backend.counts).toEqual([1, 0])
  })

  it('in the middle of an upload leaves the backend with a request that is visibly cut off', async () => {
    const { house, next } = await openManual()
    const { req } = open(house.url(), { method: 'POST', headers: { 'content-length': 100 } })
    req.write('part')
    const received = await next()
    const aborted = once(received.res, 'close')
    req.destroy()
    await aborted
    expect(received.req.complete).toBe(false)
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
  })

  it('also ends the requests that it had pipelined', async () => {
    const { house, next } = await openManual()
    const socket = house.dial()
    socket.write('GET /doc/secret/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /doc/secret/2 HTTP/1.1\r\nHost: x\r\n\r\n')
    await next()
    await next()
    expect(house.backend.connections).toBe(2)
    socket.destroy()
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
  })
})

describe('a backend that is lost in the middle of an answer', () => {
  it.each([
    ['a length', { 'content-length': 100 }],
    ['chunks', { 'transfer-encoding': 'chunked' }],
    ['the end of the connection', { connection: 'close' }],
  ])('with %s never leaves the client with an answer that seems complete', async (_, headers) => {
    const { house, next } = await openManual()
    const { req, answer } = open(house.url())
    req.end()
    const { res } = await next()
    res.writeHead(200, headers)
    res.write('part')
    const message = await answer
    const failed = once(message, 'error')
    await once(message, 'data')
    res.socket?.resetAndDestroy()
    expect((await failed)[0].code).toBe('ECONNRESET')
    expect(message.complete).toBe(false)
    await vi.waitFor(() => expect(house.backend.counts).toEqual([1, 0]))
  })

  it('resets the connection of a client that could take its end for the end of the answer', async () => {
    const { house, next } = await openManual()
    const socket = house.dial()
    socket.write('GET /doc/secret/ HTTP/1.0\r\nHost: x\r\n\r\n')
    const { res } = await next()
    res.writeHead(200, { 'content-length': 100 }).write('part')
    const [error] = await Promise.all([
      once(socket, 'error'),
      once(socket, 'data').then(() => res.socket?.destroy()),
    ])
    expect(error[0].code).toBe('ECONNRESET')
  })
})

describe('the end of a backend', () => {
  it('closes everything that is open to it', async () => {
    const { house, next } = await openManual()
    const early = fetch(house.url())
    await next()
    const begun = fetch(house.url())
    ;(await next()).res.write('part')
    const ws = new WebSocket(house.url())
    ws.on('error', () => {})
    await once(ws, 'open')
    const closed = once(ws, 'close')
    expect(house.backend.connections).toBe(3)
    house.backend.end()
    expect((await early).status).toBe(410)
    await expect((await begun).text()).rejects.toThrow()
    expect((await closed)[0]).toBe(1006)
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
    expect(house.backend.connections).toBe(0)
    expect(house.problems).toEqual([])
  })

  it('lets its last words through', async () => {
    const { house, next } = await openManual()
    const answer = fetch(house.url())
    const { res } = await next()
    house.backend.end()
    res.end('x'.repeat(500_000))
    expect((await (await answer).text()).length).toBe(500_000)
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
  })
})

describe('close', () => {
  it('ends everything at once', async () => {
    const { house, next } = await openManual()
    const early = fetch(house.url())
    await next()
    const ws = new WebSocket(house.url())
    ws.on('error', () => {})
    await once(ws, 'open')
    const closed = once(ws, 'close')
    await house.proxy.close()
    expect((await early).status).toBe(503)
    await closed
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
    expect(house.backend.connections).toBe(0)
  })

  it('waits for the last words of a backend that has ended, and no longer', async () => {
    const { house, next } = await openManual()
    const [answer, ws] = [fetch(house.url()), new WebSocket(house.url('/ws'))]
    const [{ res }] = await Promise.all([next(), once(ws, 'open')])
    house.backend.end()
    const closed = house.proxy.close()
    ws.terminate()
    res.end('x'.repeat(500_000))
    expect((await (await answer).text()).length).toBe(500_000)
    await closed
    expect(house.backend.connections).toBe(0)
  })
})

describe('after hundreds of connections of every kind', () => {
  it('no socket and no listener is left', async () => {
    const house = await House.open((req, res) => {
      if (req.url === '/cut')
        res.writeHead(200, { 'content-length': 9 }).write('x', () => res.socket?.destroy())
      else req.pipe(res)
    })
    const warnings: unknown[] = []
    const warn = (warning: unknown) => warnings.push(warning)
    process.on('warning', warn)
    onTestFinished(() => void process.off('warning', warn))
    const server = new WebSocketServer({ noServer: true })
    house.back.server.on('upgrade', (req, socket, head) => server.handleUpgrade(req, socket, head, () => {}))
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          if (i % 4 === 0)
            return (await fetch(house.url(), { method: 'POST', body: 'x'.repeat(i * 999) })).text()
          if (i % 4 === 1)
            return fetch(house.url('/cut'))
              .then((answer) => answer.text())
              .catch(() => {})
          if (i % 4 === 2) return fetch(house.url(), { signal: AbortSignal.timeout(i) }).catch(() => {})
          const ws = new WebSocket(house.url())
          await once(ws, 'open')
          ws.close()
          await once(ws, 'close')
        }),
      )
    }
    await vi.waitFor(() => expect(house.backend.connections).toBe(0))
    expect(house.back.sockets.size).toBeLessThanOrEqual(40)
    for (const socket of house.front.sockets) expect(socket.listenerCount('close')).toBeLessThan(6)
    house.backend.end()
    await vi.waitFor(() => expect(house.back.sockets.size).toBe(0))
    expect(warnings).toEqual([])
  })
})
