import { describe, expect, it } from 'vitest'
import { SERVER_OPTIONS } from '../../src/server/messages.ts'
import { House, text } from './house.ts'

const START = 'POST /doc/secret/ HTTP/1.1\r\nHost: x\r\n'
const INNER = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

/** Requests whose end could be seen in two places. */
const AMBIGUOUS: Record<string, string> = {
  'a length and chunks': `${START}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${INNER}`,
  'chunks and a length': `${START}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${INNER}`,
  'two lengths': `${START}Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello${INNER}`,
  'the same length twice': `${START}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  'two lengths in one field': `${START}Content-Length: 5, 0\r\n\r\nhello${INNER}`,
  'a signed length': `${START}Content-Length: +5\r\n\r\nhello`,
  'a negative length': `${START}Content-Length: -1\r\n\r\n`,
  'a space before the colon': `${START}Content-Length : 5\r\n\r\nhello`,
  'chunked that is not last': `${START}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${INNER}`,
  'a coding that is almost chunked': `${START}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${INNER}`,
  'a chunk size that is no number': `${START}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
  'a bare CR in a header': `${START}X-A: 1\rX-B: 2\r\n\r\n`,
  'a NUL in a header': `${START}X-A: a\0b\r\n\r\n`,
  'a folded header': `${START}X-A: 1\r\n Content-Length: 5\r\n\r\nhello`,
  'two hosts': `GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n`,
  'no host': 'GET /doc/secret/ HTTP/1.1\r\n\r\n',
  'an upgrade with a body': `${START}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
  'an upgrade with chunks': `${START}Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${INNER}`,
}

describe('framing', () => {
  it.each(Object.entries(AMBIGUOUS))(
    'with %s is answered with 400, and nothing is smuggled',
    async (_, bytes) => {
      const urls: (string | undefined)[] = []
      const house = await House.open((req, res) => {
        urls.push(req.url)
        req.on('error', () => {})
        res.end()
      })
      expect(await house.raw(bytes)).toMatch(/^HTTP\/1\.1 400 /)
      expect(urls).not.toContain('/smuggled')
    },
  )

  it('with a coding under the chunks is answered with 501', async () => {
    const house = await House.open((_req, res) => res.end())
    const coded = `${START}Connection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`
    expect(await house.raw(coded)).toMatch(/^HTTP\/1\.1 501 /)
  })

  it('is framed again: chunk extensions do not reach the backend', async () => {
    const house = await House.open((req, res) => void req.pipe(res))
    const chunked = `${START}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n`
    expect(await house.raw(chunked)).toMatch(/hello/)
  })

  it('keeps the answers of pipelined requests in order', async () => {
    const house = await House.open((req, res) => {
      setTimeout(() => res.end(`<${req.url}>`), req.url === '/1' ? 20 : 0)
    })
    const get = (path: string, more = '') => `GET /doc/secret${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`
    const answers = await house.raw(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'))
    expect(answers.match(/<[^>]+>/g)).toEqual(['</1>', '</2>', '</3>'])
  })
})

describe('an answer that is not HTTP', () => {
  it.each([
    ['garbage', 'not http at all\r\n\r\n'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 1\r\n\r\nhello'],
    ['nothing', ''],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}`],
  ])('because it is %s becomes 502 without a word of it', async (_, bytes) => {
    const house = await House.open((req) => req.socket.end(bytes))
    const answer = await fetch(house.url())
    expect(answer.status).toBe(502)
    expect(await answer.text()).not.toMatch(/not http|hello|Parser|Error:/)
  })
})

describe('an answer that node reads, and would not write', () => {
  /** What a request, or an upgrade, gets from a backend that answers with these bytes. */
  async function ask(request: string, bytes: string): Promise<string> {
    const house = await House.open(() => {})
    house.back.server.removeAllListeners('connection').on('connection', (socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(bytes, 'latin1'))
    })
    return house.raw(`GET /doc/secret/ HTTP/1.1\r\nHost: x\r\n${request}\r\n`)
  }
  const REQUESTS = ['Connection: close\r\n', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']

  it.each(REQUESTS)('comes without control characters in its status message: %j', async (request) => {
    const answer = await ask(request, 'HTTP/1.1 403 N\x01\x7f\tO\r\nContent-Length: 2\r\n\r\nno')
    expect(answer).toMatch(/^HTTP\/1.1 403 N\tO\r\n(.*\r\n)+no$/)
  })

  it.each(REQUESTS)('becomes 502 if its status is invalid: %j', async (request) => {
    expect(await ask(request, 'HTTP/1.1 099 No\r\nContent-Length: 2\r\n\r\nno')).toMatch(/^HTTP\/1.1 502 /)
  })

  it.each(REQUESTS)('is whole, with anything behind it: %j', async (request) => {
    const answer = await ask(request, 'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno, and more')
    expect(answer).toMatch(/^HTTP\/1.1 403 No\r\n(.*\r\n)+no$/)
  })

  it.each(REQUESTS)('is cut off at the place where it breaks off: %j', async (request) => {
    const answer = await ask(request, 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\nzz')
    expect(answer).not.toContain('\r\n0\r\n')
  })
})

describe('a client that takes its time', () => {
  it('is cut off in the middle of its headers, after 15 s, but not in the middle of an upload', async () => {
    expect(SERVER_OPTIONS.headersTimeout).toBe(15_000)
    // The same server, in a hurry.
    const hurry = { headersTimeout: 100, connectionsCheckingInterval: 20 }
    const house = await House.open((req, res) => void req.pipe(res), { server: hurry })
    const upload = house.dial()
    upload.write(`${START}Connection: close\r\nContent-Length: 4\r\n\r\nsl`)
    expect(await house.raw('GET /doc/secret/ HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toMatch(/^HTTP\/1.1 408 /)
    upload.write('ow')
    expect(await text(upload)).toMatch(/sl.*ow/s)
  })
})
