import type { OutgoingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { endToEnd, responseHeaders } from '../../src/proxy/headers.ts'
import { House, open, text } from './house.ts'

/** What the backend of each test received. */
let received: string[] = []
let house: House

beforeEach(async () => {
  house = await House.open((req, res) => {
    received = req.rawHeaders
    res.end()
  })
})

async function send(headers: OutgoingHttpHeaders | string[], path = '/'): Promise<Map<string, string[]>> {
  const { req, answer } = open(house.url(path), { headers: headers as OutgoingHttpHeaders })
  req.end()
  await text(await answer)
  return byName(received)
}

function byName(raw: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase() ?? ''
    headers.set(name, [...(headers.get(name) ?? []), raw[i + 1] ?? ''])
  }
  return headers
}

describe('the headers of a request', () => {
  it('reach the backend as they were sent, the host and cookies included', async () => {
    const headers = await send({ host: 'editor.example', cookie: 'a=1; b=2', 'x-own': ['1', '2'] })
    expect(headers.get('host')).toEqual(['editor.example'])
    expect(headers.get('cookie')).toEqual(['a=1; b=2'])
    expect(headers.get('x-own')).toEqual(['1', '2'])
  })

  it('name the backend itself if an old client names no host', async () => {
    expect(await house.raw('GET /doc/secret/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
    const { host, port } = house.back.address
    expect(byName(received).get('host')).toEqual([`${host}:${port}`])
  })

  it('say where the request came from, as only the proxy may', async () => {
    const headers = await send({
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'https',
      X_Forwarded_For: '6.6.6.6',
    })
    expect(headers.get('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(headers.get('x-forwarded-proto')).toEqual(['http'])
    expect(headers.has('x_forwarded_for')).toBe(false)
  })

  it('name the user, as only the platform may', async () => {
    const headers = await send([
      ...['host', 'x', 'X-Verified-Username', 'eve', 'x-verified-user-data', '{"admin":true}'],
      ...['x_verified_username', 'eve', 'X-Verified_Role', 'admin'],
    ])
    expect([...headers.keys()].filter((name) => /verified/.test(name)).sort()).toEqual([
      ...['x-verified-path', 'x-verified-username'],
    ])
    expect(headers.get('x-verified-username')).toEqual(['ada'])
  })

  it("can not have the platform's word removed by naming it in Connection", async () => {
    const headers = await send({
      connection: 'close, x-verified-username, x-forwarded-for, host',
      host: 'editor.example',
    })
    expect(headers.get('x-verified-username')).toEqual(['ada'])
    expect(headers.get('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(headers.get('host')).toEqual(['editor.example'])
  })

  it('stay behind if they belong to the connection, by rule or because Connection names them', async () => {
    const headers = await send({
      connection: 'close, X-Secret-Hop',
      'x-secret-hop': '1',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      'proxy-connection': 'keep-alive',
    })
    expect([...headers.keys()].sort()).toEqual([
      ...[
        'connection',
        'host',
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-verified-path',
        'x-verified-username',
      ],
    ])
    expect(headers.get('connection')).toEqual(['keep-alive'])
  })

  it('never pass when they are forbidden, in any case, order and number', async () => {
    const allowed = ['x-one', 'accept', 'x-verify', 'authorization', 'x-veri-fied-name']
    const forbidden = [
      ...[
        'x-verified-username',
        'x-verified-anything',
        'x_verified_x',
        'x-forwarded-for',
        'keep-alive',
        'te',
      ],
      ...['trailer', 'upgrade', 'proxy-authorization', 'proxy-connection', 'x-named'],
    ]
    const name = fc
      .tuple(
        fc.constantFrom(...allowed, ...forbidden),
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
      )
      .map(([text, upper]) => Array.from(text, (char, i) => (upper[i] ? char.toUpperCase() : char)).join(''))
    const field = fc.tuple(name, fc.stringMatching(/^[!-~]{1,20}$/))
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 12 }), async (fields) => {
        const lines = [['Host', 'x'], ...fields, ['Connection', 'close, x-named']].map((pair) =>
          pair.join(': '),
        )
        received = []
        await house.raw(`GET /doc/secret/ HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
        const sent = byName(fields.flat())
        const expected = new Map([...sent].filter(([name]) => allowed.includes(name)))
        expected.set('host', ['x']).set('connection', ['keep-alive'])
        expected.set('x-verified-username', ['ada']).set('x-verified-path', ['/doc/secret/'])
        expected.set('x-forwarded-for', ['127.0.0.1']).set('x-forwarded-proto', ['http'])
        expect(Object.fromEntries(byName(received))).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: 150 },
    )
  })
})

describe('the headers of an answer', () => {
  it('stay behind if they belong to the connection', () => {
    const raw = ['Connection', 'x-hop, close', 'X-Hop', '1', 'Keep-Alive', 'timeout=1', 'X-Own', '2']
    expect(endToEnd([...raw, 'Transfer-Encoding', 'chunked', 'Proxy-Authenticate', 'Basic'])).toEqual([
      'X-Own',
      '2',
    ])
  })

  it('let every origin read the answer if the backend says nothing about it', () => {
    expect(responseHeaders(['x-own', '1'], { status: 200, method: 'GET', sharedOrigin: true })).toEqual([
      'x-own',
      '1',
      'access-control-allow-origin',
      '*',
    ])
  })

  it.each(['Service-Worker-Allowed: /', 'Clear-Site-Data: "*"'])(
    'act on the whole origin only if no other backend shares it: %s',
    (field) => {
      const raw = [...field.split(': '), 'Access-Control-Max-Age', '5']
      const headers = (sharedOrigin: boolean) =>
        responseHeaders(raw, { status: 200, method: 'GET', sharedOrigin })
      expect(headers(true)).toEqual(['Access-Control-Max-Age', '5'])
      expect(headers(false)).toEqual(raw)
    },
  )

  it('are left alone if the backend speaks about other origins itself', () => {
    const raw = ['Access-Control-Allow-Origin', 'https://app.example', 'Vary', 'Origin']
    expect(responseHeaders(raw, { status: 200, method: 'GET', sharedOrigin: true })).toEqual(raw)
    expect(
      responseHeaders(['Access-Control-Max-Age', '5'], {
        status: 200,
        method: 'OPTIONS',
        sharedOrigin: true,
      }),
    ).toEqual(['Access-Control-Max-Age', '5'])
  })

  it('let a preflight pass that the backend answered without a word about other origins', async () => {
    const answer = await fetch(house.url(), {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
    })
    expect(byName(received).get('access-control-request-method')).toEqual(['PUT'])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-methods')).toBe('*')
    expect(answer.headers.get('access-control-allow-headers')).toBe('*, authorization')
  })
})
