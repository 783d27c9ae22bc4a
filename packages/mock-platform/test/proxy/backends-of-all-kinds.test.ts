import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { House, open, text } from './house.ts'

const GET = 'GET /doc/secret/ HTTP/1.1\r\nHost: x\r\n'

/** A backend that answers each request with these bytes. */
function answering(bytes: string): Promise<House> {
  return House.open((req) => void req.socket.write(bytes, 'latin1'))
}

/** Two requests on one connection, each sent when the answer before it is complete. */
async function askTwice(house: House, complete: RegExp): Promise<string> {
  const socket = house.dial()
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += chunk
  })
  socket.write(`${GET}\r\n`)
  await vi.waitFor(() => expect(received).toMatch(complete))
  const first = received
  socket.write(`${GET}Connection: close\r\n\r\n`)
  await once(socket, 'close')
  return received.slice(first.length)
}

describe('an answer without a body', () => {
  it('may be a 304 that tells the length of what it does not send', async () => {
    const house = await answering('HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n')
    const second = await askTwice(house, /^HTTP\/1\.1 304 [\s\S]*content-length: 5000\r\n[\s\S]*\r\n\r\n$/i)
    expect(second).toMatch(/^HTTP\/1\.1 304 /)
    expect(house.problems).toEqual([])
  })

  it('may be a 204 with a length, which is not passed on', async () => {
    const house = await answering('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n')
    const second = await askTwice(house, /^HTTP\/1\.1 204 [\s\S]*\r\n\r\n$/)
    expect(second).toMatch(/^HTTP\/1\.1 204 /)
    expect(second).not.toMatch(/content-length/i)
  })
})

describe('a backend that closes each connection without saying so', () => {
  it('loses no request of 200, of any method', async () => {
    const house = await House.open((_req, res) => res.end('ok', () => res.socket?.destroySoon()))
    for (let i = 0; i < 200; i++) {
      const method = i % 2 === 0 ? 'POST' : 'GET'
      const answer = await fetch(house.url(), { method, ...(i % 4 === 0 && { body: 'x' }) })
      expect([i, method, answer.status, await answer.text()]).toEqual([i, method, 200, 'ok'])
    }
    expect(house.problems).toEqual([])
  })
})

describe('an answer with a long head', () => {
  it.each(['GET', 'POST'])('of 100 kB arrives whole: %s', async (method) => {
    const house = await House.open((_req, res) =>
      res.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end('ok'),
    )
    const { req, answer } = open(house.url(), { method, maxHeaderSize: 200_000 })
    req.end()
    const message = await answer
    expect([message.headers['x-long']?.length, await text(message)]).toEqual([100_000, 'ok'])
  })

  it.each(['GET', 'POST'])('of 300 kB is refused by an error that says so: %s', async (method) => {
    const house = await answering(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(300_000)}\r\n\r\n`)
    const answer = await fetch(house.url(), { method })
    expect(answer.status).toBe(502)
    expect(house.problems).toHaveLength(1)
  })
})

describe('trailers', () => {
  it('of a request reach the backend', async () => {
    const house = await House.open((req, res) => {
      req.resume().on('end', () => res.end(JSON.stringify(req.trailers)))
    })
    const { req, answer } = open(house.url(), { method: 'POST', headers: { trailer: 'x-sum' } })
    req.write('body')
    req.addTrailers({ 'x-sum': '42' })
    req.end()
    expect(JSON.parse(await text(await answer))).toEqual({ 'x-sum': '42' })
  })
})

describe('a client of HTTP/1.0', () => {
  it('gets no interim answers, and the end of the connection as the end of the answer', async () => {
    const house = await House.open((_req, res) => {
      res.writeProcessing()
      res.writeEarlyHints({ link: '</a>; rel=preload' })
      res.write('one ')
      res.end('two')
    })
    expect(await house.raw('GET /doc/secret/ HTTP/1.0\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 OK\r\n(?![\s\S]*chunked)[\s\S]*\r\n\r\none two$/,
    )
  })
})

describe('an upgrade that the backend refuses', () => {
  it('is answered with all of the refusal, however slowly its client reads', async () => {
    const house = await House.open(() => {})
    house.back.server.on('upgrade', (_req, socket) => {
      socket.end(`HTTP/1.1 403 No\r\ncontent-length: 10000000\r\n\r\n${'x'.repeat(10_000_000)}`)
    })
    const socket = house.dial()
    socket.write(`${GET}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    await once(socket, 'readable')
    expect((await text(socket)).length).toBeGreaterThan(10_000_000)
  })
})
