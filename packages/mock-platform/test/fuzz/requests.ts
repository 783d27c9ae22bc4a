import type { Random } from './random.ts'

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'
const HOST = 'Host: x\r\n'
const SIZED = 'Content-Length: 5\r\n\r\nhello'
const CHUNKS =
  'Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nx-sum: 1\r\n\r\n'

/** A request as it is on the wire: every kind that the platform may be sent, and what is not HTTP. */
const KINDS: Record<string, (target: string) => string> = {
  plain: (target) => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`,
  last: (target) => `GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  old: (target) => `GET ${target} HTTP/1.0\r\n\r\n`,
  'old, kept': (target) => `POST ${target} HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n${SIZED}`,
  head: (target) => `HEAD ${target} HTTP/1.1\r\n${HOST}\r\n`,
  options: (target) => `OPTIONS ${target} HTTP/1.1\r\n${HOST}Origin: http://a\r\n\r\n`,
  sized: (target) => `POST ${target} HTTP/1.1\r\n${HOST}${SIZED}`,
  chunked: (target) => `PUT ${target} HTTP/1.1\r\n${HOST}${CHUNKS}`,
  'get with a body': (target) => `GET ${target} HTTP/1.1\r\n${HOST}${SIZED}`,
  'expect 100': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n${SIZED}`,
  'expect 100, chunked': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n${CHUNKS}`,
  'expect 100, no body': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\n\r\n`,
  'expect something else': (target) => `GET ${target} HTTP/1.1\r\n${HOST}Expect: miracles\r\n\r\n`,
  'no host': (target) => `GET ${target} HTTP/1.1\r\n\r\n`,
  'two hosts': (target) => `GET ${target} HTTP/1.1\r\n${HOST}${HOST}\r\n`,
  absolute: (target) => `GET http://y:1${target} HTTP/1.1\r\n${HOST}\r\n`,
  upgrade: (target) => `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}\r\n`,
  websocket: (target) => `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}${KEY}\r\n\x81\x82\0\0\0\0hi`,
  'upgrade with a body': (target) => `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}${SIZED}`,
  'upgrade with no body': (target) => `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}Content-Length: 0\r\n\r\n`,
  'upgrade with chunks': (target) => `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}${CHUNKS}`,
  'upgrade by POST': (target) => `POST ${target} HTTP/1.1\r\n${HOST}${UPGRADE}\r\n`,
  'upgrade by POST with a body': (target) => `POST ${target} HTTP/1.1\r\n${HOST}${UPGRADE}${SIZED}`,
  'upgrade without host': (target) => `GET ${target} HTTP/1.1\r\n${UPGRADE}\r\n`,
  'upgrade that expects': (target) =>
    `GET ${target} HTTP/1.1\r\n${HOST}${UPGRADE}Expect: 100-continue\r\n\r\n`,
  'old upgrade': (target) => `GET ${target} HTTP/1.0\r\n${HOST}${UPGRADE}\r\n`,
  h2c: (target) => `GET ${target} HTTP/1.1\r\n${HOST}${H2C}\r\n`,
  'h2c with a body': (target) => `POST ${target} HTTP/1.1\r\n${HOST}${H2C}${SIZED}`,
  'h2c with chunks': (target) => `POST ${target} HTTP/1.1\r\n${HOST}${H2C}${CHUNKS}`,
  'h2c that expects': (target) => `POST ${target} HTTP/1.1\r\n${HOST}${H2C}Expect: 100-continue\r\n${SIZED}`,
  connect: () => `CONNECT x:1 HTTP/1.1\r\n${HOST}\r\n`,
  'connect to a path': (target) => `CONNECT ${target} HTTP/1.1\r\n${HOST}\r\n`,
  'http2 preface': () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  asterisk: () => `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  gzip: (target) => `POST ${target} HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'length and chunks': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Content-Length: 3\r\n${CHUNKS}`,
  'bad length': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`,
  'bad chunk': (target) => `POST ${target} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  'bad header': (target) => `GET ${target} HTTP/1.1\r\n${HOST}x y: 1\r\n\r\n`,
  'long header': (target) => `GET ${target} HTTP/1.1\r\n${HOST}x: ${'x'.repeat(20_000)}\r\n\r\n`,
  'odd bytes in the URL': (target) => `GET ${target}/\xff\x80%00 HTTP/1.1\r\n${HOST}\r\n`,
  'bare LF': (target) => `GET ${target} HTTP/1.1\n${HOST}\n`,
  'unknown method': (target) => `BREW ${target} HTTP/1.1\r\n${HOST}\r\n`,
  garbage: () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\0\xff',
}

/** What is sent on one connection: up to four requests, cut off and split anywhere. */
export function connectionBytes(random: Random, targets: readonly [string, ...string[]]): Buffer[] {
  const kinds = Object.values(KINDS)
  let text = ''
  for (let i = random.below(4); i >= 0; i--) {
    const kind = kinds[random.below(kinds.length)]
    text += kind?.(random.pick(targets)) ?? ''
  }
  if (random.below(4) === 0) text = text.slice(0, random.below(text.length))
  const bytes = Buffer.from(text, 'latin1')
  const cuts = Array.from({ length: random.below(5) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  )
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length))
}
