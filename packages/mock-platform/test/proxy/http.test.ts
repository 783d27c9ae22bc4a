import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { House, open, text } from './house.ts'

describe('a request', () => {
  it('reaches the backend with its method, the rest of its URL and its body, and without the token', async () => {
    const house = await House.open(async (req, res) => {
      res.end(`${req.method} ${req.url} ${await buffer(req)}`)
    })
    const answer = await fetch(house.url('/files/a%2Fb?x=1&y=%20'), { method: 'PUT', body: 'hello' })
    expect(await answer.text()).toBe('PUT /files/a%2Fb?x=1&y=%20 hello')
  })

  it('keeps its framing: a length stays a length, and chunks stay chunks', async () => {
    const house = await House.open(async (req, res) => {
      const { 'content-length': length, 'transfer-encoding': coding } = req.headers
      await buffer(req)
      res.end(JSON.stringify({ length, coding }))
    })
    const known = await fetch(house.url(), { method: 'POST', body: 'x'.repeat(100_000) })
    expect(await known.json()).toEqual({ length: '100000' })
    const { req, answer } = open(house.url(), { method: 'POST' })
    req.write('one')
    await once(req, 'socket')
    setImmediate(() => req.end('two'))
    expect(JSON.parse(await text(await answer))).toEqual({ coding: 'chunked' })
  })

  it.each(['GET', 'DELETE', 'PATCH', 'PROPFIND', 'OPTIONS'])('may be a %s with a body', async (method) => {
    const house = await House.open(async (req, res) => res.end(await buffer(req)))
    const { req, answer } = open(house.url(), { method, headers: { 'content-length': 4 } })
    req.end('body')
    expect(await text(await answer)).toBe('body')
  })

  it('is streamed: the backend reads the first part before the last part is sent', async () => {
    const seen: string[] = []
    const house = await House.open((req, res) => {
      req.on('data', (chunk) => seen.push(`${chunk}`)).on('end', () => res.end(seen.join('')))
    })
    const { req, answer } = open(house.url(), { method: 'POST' })
    req.write('first ')
    await vi.waitFor(() => expect(seen).toEqual(['first ']))
    req.end('last')
    expect(await text(await answer)).toBe('first last')
  })

  it('that expects 100-continue is told to go on by the backend, and its body arrives', async () => {
    let turn: (() => void) | undefined
    const house = await House.open(() => {})
    house.back.server.on('checkContinue', (req, res) => {
      turn = async () => {
        res.writeContinue()
        res.end(`${req.headers.expect}: ${await buffer(req)}`)
      }
    })
    const { req, answer } = open(house.url(), { method: 'POST', headers: { expect: '100-continue' } })
    const told = vi.fn()
    req.on('continue', told).flushHeaders()
    await vi.waitFor(() => expect(turn).toBeDefined())
    expect(told).not.toHaveBeenCalled()
    turn?.()
    await once(req, 'continue')
    req.end('body')
    expect(await text(await answer)).toBe('100-continue: body')
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('that expects 100-continue can be refused before it has sent its body', async () => {
    const house = await House.open(() => {})
    house.back.server.on('checkContinue', (_req, res) => res.writeHead(413).end('too large'))
    const { req, answer } = open(house.url(), { method: 'PUT', headers: { expect: '100-continue' } })
    const told = vi.fn()
    req.on('continue', told).flushHeaders()
    const message = await answer
    expect([message.statusCode, await text(message)]).toEqual([413, 'too large'])
    expect(told).not.toHaveBeenCalled()
    req.destroy()
  })

  it('reaches the backend before the first byte of its body, and can be refused by then', async () => {
    const house = await House.open((_req, res) => res.writeHead(413).end('too large'))
    const { req, answer } = open(house.url(), { method: 'POST', headers: { 'content-length': 1e9 } })
    req.flushHeaders()
    const message = await answer
    expect([message.statusCode, await text(message)]).toEqual([413, 'too large'])
    req.destroy()
  })

  it('gets its answer, whole, also when the backend answers before it has read the upload', async () => {
    const house = await House.open((_req, res) => {
      res.writeHead(413).end('too large')
    })
    // A connection that node closes behind its answer is reset if an upload goes on, and may take the answer along.
    const { req, answer } = open(house.url(), { method: 'POST', headers: { connection: 'keep-alive' } })
    const timer = setInterval(() => req.write(Buffer.alloc(64 * 1024)), 1)
    const message = await answer
    expect([message.statusCode, await text(message)]).toEqual([413, 'too large'])
    clearInterval(timer)
    req.destroy()
  })

  it('shares a kept-alive connection to the backend with those before it', async () => {
    const house = await House.open((_req, res) => res.end('ok'))
    for (let i = 0; i < 5; i++) await (await fetch(house.url())).text()
    expect(house.back.sockets.size).toBe(1)
  })

  it('is sent once more when its kept-alive connection turns out to be dead, if it is safe to repeat', async () => {
    let broken = 0
    const house = await House.open((req, res) => {
      if (req.url === '/break' && broken++ === 0) req.socket.resetAndDestroy()
      else res.end('ok')
    })
    await (await fetch(house.url())).text()
    expect((await fetch(house.url('/break'))).status).toBe(200)
    expect(house.problems).toEqual([])
    broken = 0
    expect((await fetch(house.url('/break'), { method: 'POST' })).status).toBe(502)
    broken = 0
    const upload = await fetch(house.url('/break'), { method: 'PUT', body: 'x' })
    expect(upload.status).toBe(502)
  })

  it('is not sent a second time on a connection that was new', async () => {
    let requests = 0
    const house = await House.open((req) => {
      requests++
      req.socket.resetAndDestroy()
    })
    expect((await fetch(house.url())).status).toBe(502)
    expect(requests).toBe(1)
  })
})

describe('an answer', () => {
  it('keeps its status, its message and its headers, duplicates and cookies included', async () => {
    const house = await House.open((_req, res) => {
      res.writeHead(299, 'Fine Enough', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Case',
        'Kept',
        'Etag',
        '"1"',
      ])
      res.end()
    })
    const answer = await request(house.url())
    expect([answer.statusCode, answer.statusMessage]).toEqual([299, 'Fine Enough'])
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(answer.rawHeaders).toContain('X-Case')
  })

  it('passes a redirect on as it is', async () => {
    const house = await House.open((_req, res) => res.writeHead(302, { location: '/elsewhere' }).end())
    const answer = await fetch(house.url(), { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere'])
  })

  it('keeps all bytes of its headers', async () => {
    const house = await House.open((_req, res) => {
      res.socket?.write(Buffer.from('HTTP/1.1 200 D\u00fc \u65e5\r\nx-name: \u65e5\u672c\r\nx-old: '))
      res.socket?.end(Buffer.from('f\xfcr\r\ncontent-length: 0\r\n\r\n', 'latin1'))
    })
    const answer = await house.raw('GET /doc/secret/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    expect(answer).toContain(Buffer.from('200 D\u00fc \u65e5\r\n').toString('latin1'))
    expect(answer).toContain(Buffer.from('x-name: \u65e5\u672c\r\n').toString('latin1'))
    expect(answer).toContain('x-old: f\xfcr\r\n')
  })

  it('to HEAD has the length and no body, and so has 304', async () => {
    const house = await House.open((req, res) => {
      if (req.url === '/304') res.writeHead(304, { etag: '"1"' }).end()
      else res.writeHead(200, { 'content-length': 5 }).end('hello')
    })
    const head = await fetch(house.url(), { method: 'HEAD' })
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['5', ''])
    expect((await fetch(house.url('/304'))).status).toBe(304)
  })

  it('is streamed: its head and each event arrive when they are sent', async () => {
    const turns: (() => void)[] = []
    const house = await House.open((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      turns.push(
        () => res.write('data: 1\n\n'),
        () => res.end('data: 2\n\n'),
      )
    })
    const answer = await fetch(house.url())
    const reader = (answer.body ?? new ReadableStream<Uint8Array>()).getReader()
    for (const [i, turn] of turns.entries()) {
      turn()
      expect(new TextDecoder().decode((await reader.read()).value)).toBe(`data: ${i + 1}\n\n`)
    }
    expect((await reader.read()).done).toBe(true)
  })

  it('may be preceded by early hints and processing', async () => {
    const house = await House.open((_req, res) => {
      res.writeProcessing()
      res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style', 'x-hint': 'yes' })
      res.end('ok')
    })
    const seen: unknown[] = []
    const { req, answer } = open(house.url())
    req.on('information', ({ statusCode, headers }) => seen.push([statusCode, headers])).end()
    expect(await text(await answer)).toBe('ok')
    expect(seen).toEqual([
      [102, {}],
      [103, { link: '</style.css>; rel=preload; as=style', 'x-hint': 'yes' }],
    ])
  })

  it('may be preceded by hints that node would not write', async () => {
    const house = await House.open((_req, res) => {
      res.socket?.write('HTTP/1.1 103 Early Hints\r\nlink: /style.css\r\n\r\n')
      res.end('ok')
    })
    const hints: unknown[] = []
    const { req, answer } = open(house.url())
    req.on('information', ({ headers }) => hints.push(headers)).end()
    expect(await text(await answer)).toBe('ok')
    expect(hints).toEqual([{ link: '/style.css' }])
  })

  it('keeps its trailers', async () => {
    const house = await House.open((_req, res) => {
      res.writeHead(200, { trailer: 'x-sum' })
      res.write('body')
      res.addTrailers({ 'x-sum': '42', connection: 'x' })
      res.end()
    })
    const answer = await request(house.url())
    expect(await text(answer)).toBe('body')
    expect(answer.trailers).toEqual({ 'x-sum': '42' })
  })

  it('that ends with its connection is complete when the connection ends', async () => {
    const house = await House.open((_req, res) => {
      res.socket?.end('HTTP/1.0 200 OK\r\n\r\nold school')
    })
    expect(await (await fetch(house.url())).text()).toBe('old school')
  })
})

async function request(url: string): Promise<IncomingMessage> {
  const { req, answer } = open(url)
  req.end()
  return answer
}
