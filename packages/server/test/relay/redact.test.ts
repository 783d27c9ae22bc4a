import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { createRedaction } from '../../src/relay/redact.ts'
import { readStartupLog } from '../../src/relay/startup-log.ts'
import { Feed, fakePlatform, iterate } from '../support/fake-platform.ts'

const PEM = '-----BEGIN KEY-----\nMIIEvQ/IBADANBgk\nqhkiG9w0BAQEFAAS\n-----END KEY-----'

describe('what looks like a secret', () => {
  const redact = createRedaction([])

  it.each([
    ['Authorization: Bearer abc.def-123', 'abc.def-123'],
    ['curl -u basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
    ['DATABASE_PASSWORD=hunter2 node app', 'hunter2'],
    ['{"apiKey": "k-1 2 3", "port": 1}', 'k-1 2 3'],
    ['connect postgres://app:hunter2@db/app failed', 'hunter2'],
    ['connect postgres://app:hunter2@p@ss@db/app failed', 'p@ss'],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-1', 'eyJzdWIiOiIxIn0'],
    ['using sk_live_0123456789abcdef', 'sk_live_0123456789abcdef'],
    ['id 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b'],
  ])('in `%s` is taken out', (line, secret) => {
    expect(redact(line)).toContain('[redacted]')
    expect(redact(line)).not.toContain(secret)
  })

  it.each([
    'Error: Cannot find module "./server.js"',
    'listening on http://localhost:8080/path',
    '    at Object.<anonymous> (/app/src/server.js:10:5)',
    'Tokenizer ready after 120 ms',
    'fetched https://files.example.test/@acme/editor',
  ])('is not in `%s`, which stays', (line) => {
    expect(redact(line)).toBe(line)
  })

  it.each([
    ...['a', 'token', 'a/', 'eyJ-', 'eyJ.', 'x:', '://', '-token', 'token=', 'token:"', "token:'", 'token "'],
    ...['token ', 'bearer ', 'bearer  ', 'sk-', '\u001b[31m', 'a1/', 'secret_value', '= ', '1234567', '@'],
  ])('is looked for in linear time in %j, repeated', (part) => {
    // One line of 1 MB may take 20 ms; here it is the fastest of five, since the machine may be busy with something else.
    const line = part.repeat(1_000_000 / part.length)
    const redact = createRedaction(['12345671234568', 'token'.repeat(30), `${'a'.repeat(500)}b`])
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now()
      redact(line)
      return performance.now() - start
    })
    expect(Math.min(...times)).toBeLessThan(20)
  })
})

describe('the values that a backend was started with', () => {
  it.each([
    ['plainly', 'sesame-1', 'open sesame-1!'],
    ['with a colour in it', 'sesame-1', 'open ses\u001b[31mame-1'],
    ['with a control character in it', 'sesame-1', 'open ses\u0001ame-1'],
    ['as JSON', 'pass"word', 'env {"X":"pass\\"word"}'],
    ['in a URL', 'p&ss w/rd', 'http://x/?p=p%26ss%20w%2Frd'],
    ['in a URL by lower-case digits', 'p&ss w/rd', 'http://x/?p=p%26ss%20w%2frd'],
    ['as a form', "p&ss w'rd~", 'p=p%26ss+w%27rd%7E'],
    ['as JSON within JSON', 'pass"word', JSON.stringify({ body: JSON.stringify({ p: 'pass"word' }) })],
    ['in hex', 'sesame-1', Buffer.from('sesame-1').toString('hex')],
    ['as bytes', 'sesame-1', String(inspect(Buffer.from('sesame-1')))],
    ['in base64', 'sesame-1', `basic: ${Buffer.from('sesame-1').toString('base64')}`],
    ['in base64url', 'sesame?>~1', `id ${Buffer.from('sesame?>~1').toString('base64url')}`],
    ['in base64 after a user', 'sesame-1', Buffer.from('u:sesame-1').toString('base64')],
    ['in base64 after a longer user', 'sesame-1', Buffer.from('us:sesame-1;').toString('base64')],
    ['up to the end of a line that was cut', 'p&ss w/rd-12345', 'open p&ss w/rd'],
    ['from the start of a line that is the rest of another', 'abcdef p&ss w/rd', 'p&ss w/rd is wrong'],
    ['line by line', PEM, 'qhkiG9w0BAQEFAAS'],
    ['one that begins with another', 'sesame', 'sesame and sesame-1'],
  ])('are taken out, printed %s', (_, secret, line) => {
    const redacted = createRedaction([secret, 'sesame-1'])(line)
    expect(redacted).toContain('[redacted]')
    for (const spelling of [
      secret,
      'sesame',
      'ame-1',
      'pass\\"word',
      'word',
      'p%26ss',
      'p&ss',
      '736573',
      '73 65',
      line,
    ]) {
      expect(redacted).not.toContain(spelling)
    }
  })

  it('stay if they are too short to be secrets', () => {
    expect(createRedaction(['8080', 'true'])('listens on 8080: true')).toBe('listens on 8080: true')
  })

  it('never survive, at any place in a line and between any characters', { timeout: 60_000 }, () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 })
    const secret = fc.string({ unit: 'grapheme-ascii', minLength: 6, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), text, text, (secrets, before, after) => {
        // What says that something was taken out may hold a secret such as `redact`.
        fc.pre(secrets.every((each) => !'[redacted]'.includes(each)))
        const redact = createRedaction(secrets)
        for (const each of secrets) {
          const parts = redact(`${before}${each}${after}`).split('[redacted]')
          expect(parts.some((part) => part.includes(each))).toBe(false)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the log of a failed start', () => {
  const read = (lines: Iterable<string>) =>
    readStartupLog(fakePlatform({ logs: () => iterate(lines) }), 'b1', [], new FakeClock())

  it('is its last 50 lines, each with at most 500 characters', async () => {
    const log = await read(Array.from({ length: 80 }, (_, index) => `${index} ${'- '.repeat(400)}`))
    expect(log).toHaveLength(50)
    expect(log[0]).toMatch(/^30 /)
    expect(log.every(({ length }) => length <= 500)).toBe(true)
  })

  it.each(['\u0001', '\ud800', '"', '\\', 'é'])(
    'fits into an event, also when it is made of %j',
    async (unit) => {
      const log = await read(Array.from({ length: 80 }, () => unit.repeat(2_000)))
      // PROTOCOL.md: a client gives a stream up "when a line or an event is longer than 65,536 characters".
      expect(JSON.stringify(log).length).toBeLessThan(60_000)
    },
  )

  it('is what arrived within 2 s if the platform does not end it', async () => {
    const clock = new FakeClock()
    const lines = new Feed<string>()
    lines.push('one')
    const platform = fakePlatform({ logs: (_, { signal } = {}) => lines.open(signal) })
    const log = readStartupLog(platform, 'b1', [], clock)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(2_000)
    expect(await log).toEqual(['one'])
    expect([lines.closed, clock.pending]).toEqual([1, 0])
  })

  it('is what could be read if reading fails', async () => {
    const lines = new Feed<string>()
    lines.push('one')
    lines.end({ error: new Error('sekret') })
    const platform = fakePlatform({ logs: () => lines.open() })
    expect(await readStartupLog(platform, 'b1', [], new FakeClock())).toEqual(['one'])
  })
})
