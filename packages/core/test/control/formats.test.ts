import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  controlText,
  encodeControlSignature,
  encodeUserToken,
  isCurrent,
  parseControlMessage,
  parseControlSignature,
  parseUserClaims,
  parseUserToken,
  userTokenText,
} from '../../src/internal.ts'

const base64url = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => Buffer.from(value).toString('base64url'))
const macs = fc.array(base64url(32), { minLength: 1, maxLength: 3 })
const stamp = fc.record({ time: fc.nat(), nonce: base64url(16), digest: base64url(32) })

describe('the signature of a control request', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(stamp, macs, (parts, all) => {
        const signature = { ...parts, macs: all }
        expect(parseControlSignature(encodeControlSignature(signature))).toEqual(signature)
      }),
    )
  })

  it('is not read from anything else: no header that was joined, cut or extended', () => {
    fc.assert(
      fc.property(stamp, macs, fc.string({ minLength: 1 }), fc.nat(300), (parts, all, more, at) => {
        const header = encodeControlSignature({ ...parts, macs: all })
        expect(parseControlSignature(`${header}, ${header}`)).toBeUndefined()
        expect(parseControlSignature(`${more} ${header}`)).toBeUndefined()
        expect(parseControlSignature(`${header}\n`)).toBeUndefined()
        const cut = header.slice(0, at % header.length)
        // What is cut after a whole MAC is a signature with fewer.
        const read = parseControlSignature(cut)
        if (read) expect(all.join('.').startsWith(read.macs.join('.'))).toBe(true)
      }),
    )
  })

  it('is of a text that tells every backend, time, nonce and digest apart', () => {
    const parts = fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), stamp)
    fc.assert(
      fc.property(parts, parts, ([name, a], [other, b]) => {
        const isSame = name === other && JSON.stringify(a) === JSON.stringify(b)
        expect(controlText(name, a) === controlText(other, b)).toBe(isSame)
        expect(controlText(name, a)).not.toBe(userTokenText(name, a.digest))
      }),
    )
  })
})

describe('a user token', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(500), macs, (length, all) => {
        const token = { claims: 'a'.repeat(length + 1), macs: all }
        expect(parseUserToken(encodeUserToken(token))).toEqual(token)
      }),
    )
  })

  it.each([
    '',
    '.',
    'a',
    'a.b',
    `.${'A'.repeat(43)}`,
    `a.${'A'.repeat(43)}.`,
    `${'a'.repeat(6_001)}.${'A'.repeat(43)}`,
  ])('is not read from something else: %#', (text) => {
    expect(parseUserToken(text)).toBeUndefined()
  })

  it.each([
    '',
    '[]',
    '{}',
    '{"authorizedAt":"1"}',
    '{"authorizedAt":1,"user":7}',
    '{"authorizedAt":1,"user":null}',
  ])('makes no claims by %o', (json) => {
    expect(parseUserClaims(json)).toBeUndefined()
  })

  it('keeps users apart whose names look alike', () => {
    const names = ['\u00e9', 'e\u0301', '\ud800', 'ada', 'ada\u200b', '\u0430da', 'ADA', 'ada\0']
    const read = names.map((user) => parseUserClaims(JSON.stringify({ user, authorizedAt: 1 }))?.user)
    expect(read).toEqual(names)
    expect(new Set(read).size).toBe(names.length)
  })
})

it.each([
  [{ revoke: { user: 'ada' } }, true],
  [{ revoke: { user: '' } }, true],
  [{ send: { message: null } }, true],
  [{ send: {} }, false],
  [{ revoke: {} }, false],
  [{ revoke: { user: 7 } }, false],
  [{ revoke: { user: 'ada' }, send: { message: 1 } }, false],
  [{ restart: {} }, false],
  [[], false],
  [null, false],
])('takes %j for a control message: %s', (value, isOne) => {
  expect(parseControlMessage(value) !== undefined).toBe(isOne)
})

it('takes a time for a minute before and after', () => {
  const now = 1_000_000
  expect([-60_001, -60_000, 0, 60_000, 60_001].map((ms) => isCurrent(now + ms, now))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
  expect(isCurrent(Number.NaN, now)).toBe(false)
})
