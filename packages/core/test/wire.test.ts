import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Session } from '../src/index.ts'
import {
  isLock,
  isRecord,
  parseAnyState,
  parseBackendAnswer,
  parseErrorBody,
  parseJson,
  parseRetryAfter,
  parseSession,
  parseState,
  RESERVED_ENV,
  toBackendAnswer,
} from '../src/internal.ts'

const session: Session = {
  name: '8nyg2',
  url: 'https://8nyg2.p.example.net/eqYLfYmV/',
  readyUrl: 'https://api.example.com/ready/8nyg2/eqYLfYmV/',
  statusUrl: 'https://api.example.com/backend/8nyg2/status',
  status: 'Loading',
  spawned: true,
}

describe('a status from outside', () => {
  it('is a state and a time, and the name of the backend where it is sent', () => {
    expect(parseState({ state: 'Ready', time: '2022-04-13T18:00:10.985294Z' })).toEqual({
      state: 'Ready',
      time: '2022-04-13T18:00:10.985294Z',
    })
    expect(parseState({ state: 'Lost', time: 't', backend: 'b', more: 1 })).toEqual({
      state: 'Lost',
      time: 't',
      backend: 'b',
    })
  })

  // Defect 12: guards that crash on null, and refuse a null that the types allow.
  it.each([
    null,
    undefined,
    'Ready',
    [],
    {},
    { state: 'Waiting', time: 't' },
    { state: 'Ready' },
    { time: 't' },
  ])('is not %j', (value) => expect(parseState(value)).toBeUndefined())

  it('may have a backend that is null', () => {
    expect(parseState({ state: 'Ready', time: 't', backend: null })).toEqual({ state: 'Ready', time: 't' })
  })
})

describe('a session', () => {
  it('is read from the app’s route', () => {
    expect(parseSession({ ...session, more: 'ignored' })).toEqual(session)
  })

  // Specification: "Spawn a backend", "Returns the following values".
  it('is read from the platform’s answer', () => {
    expect(
      parseBackendAnswer({
        url: session.url,
        name: session.name,
        ready_url: session.readyUrl,
        status_url: session.statusUrl,
        spawned: true,
        status: 'Loading',
      }),
    ).toEqual(session)
  })

  it('survives the platform’s spelling', () => {
    expect(parseBackendAnswer(toBackendAnswer(session))).toEqual(session)
  })

  it.each([
    null,
    [],
    'session',
    {},
    { ...session, name: '' },
    { ...session, url: 'javascript:alert(1)' },
    { ...session, url: '//elsewhere' },
    { ...session, readyUrl: 'ftp://a/' },
    { ...session, statusUrl: undefined },
    { ...session, status: 'Waiting' },
    { ...session, spawned: 'true' },
  ])('is not %j', (value) => {
    expect(parseSession(value)).toBeUndefined()
  })

  it('is refused without repeating what was sent', () => {
    expect(() => parseBackendAnswer({ url: 'https://secret' })).toThrow(
      expect.objectContaining({ code: 'platform_error', message: expect.not.stringContaining('secret') }),
    )
  })
})

describe('a lock', () => {
  it('has 1 to 128 characters', () => {
    expect(isLock('')).toBe(false)
    expect(isLock('a')).toBe(true)
    expect(isLock('a'.repeat(128))).toBe(true)
    expect(isLock('a'.repeat(129))).toBe(false)
    expect(isLock('\u{1f4dd}'.repeat(128))).toBe(true)
    expect(isLock('\u{1f4dd}'.repeat(129))).toBe(false)
    for (const lock of ['a\0b', '\ud83d', '\udcddx', 'x\ud83dy']) expect(isLock(lock)).toBe(false)
    expect(isLock(7)).toBe(false)
  })
})

// Specification: "Backend Containers".
it('reserves five environment variables', () => {
  expect([...RESERVED_ENV].sort()).toEqual([
    'JAMSOCKET_SERVICE',
    'PORT',
    'SESSION_BACKEND_FENCING_TOKEN',
    'SESSION_BACKEND_ID',
    'SESSION_BACKEND_KEY',
  ])
})

describe('an error body', () => {
  // Defect 13: the code, the message and the id were thrown away.
  it('tells the message, the code and the id', () => {
    expect(parseErrorBody({ error: { message: 'm', status: 404, code: 'c', id: 'i' } })).toEqual({
      message: 'm',
      code: 'c',
      id: 'i',
    })
  })

  it.each([null, 'text', {}, { error: null }, { error: 'text' }, { error: { message: 1 } }])(
    'of %j tells nothing',
    (body) => expect(parseErrorBody(body)).toEqual({}),
  )
})

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T12:00:00Z')

  it('is a number of seconds', () => {
    expect(parseRetryAfter('0', now)).toBe(0)
    expect(parseRetryAfter('120', now)).toBe(120)
    expect(parseRetryAfter('1.5', now)).toBe(1.5)
  })

  it('or a date', () => {
    expect(parseRetryAfter('Thu, 01 Jan 2026 12:00:30 GMT', now)).toBe(30)
  })

  it('is 0 for a date in the past', () => {
    expect(parseRetryAfter('Thu, 01 Jan 2026 11:00:00 GMT', now)).toBe(0)
  })

  it.each([null, '', 'soon'])('may be missing or unreadable: %j', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined()
  })
})

describe('input from outside', () => {
  it('crashes no parser', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        parseState(value)
        parseAnyState(value)
        parseErrorBody(value)
        isLock(value)
        parseSession(value)
        expect(() => parseBackendAnswer(value)).toThrow(expect.objectContaining({ code: 'platform_error' }))
      }),
    )
  })

  it('is JSON or undefined', () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] })
    expect(parseJson('')).toBeUndefined()
    expect(parseJson('{')).toBeUndefined()
  })

  it('is a record when it is an object and no array', () => {
    expect([{}, Object.create(null)].every(isRecord)).toBe(true)
    expect([null, [], 'a', 1].some(isRecord)).toBe(false)
  })
})
