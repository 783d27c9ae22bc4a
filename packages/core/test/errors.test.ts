import { describe, expect, it, vi } from 'vitest'
import { ERROR_STATUS, isErrorCode, SessionBackendError } from '../src/index.ts'
import { errorCodeOf } from '../src/internal.ts'

describe('SessionBackendError', () => {
  it('is an Error with a code to branch on and a message to show', () => {
    const error = new SessionBackendError('not_running', 'No backend is running for this document.')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'SessionBackendError', code: 'not_running', status: 404 })
    expect(String(error)).toBe('SessionBackendError: No backend is running for this document.')
  })

  it('keeps what the other side said: status, seconds to wait, id, cause', () => {
    const cause = new Error('cause')
    const error = new SessionBackendError('platform_busy', '', {
      status: 429,
      retryAfter: 7,
      id: 'e1',
      cause,
    })
    expect(error).toMatchObject({ status: 429, retryAfter: 7, id: 'e1', cause })
  })

  it("is known by every copy of the module: as ESM and as CommonJS, or in each of Next's module graphs", async () => {
    vi.resetModules()
    const copy = await import('../src/errors.ts')
    expect(copy.SessionBackendError).not.toBe(SessionBackendError)
    expect(new copy.SessionBackendError('gone', '')).toBeInstanceOf(SessionBackendError)
    expect(new SessionBackendError('gone', '')).toBeInstanceOf(copy.SessionBackendError)
    const ofAnotherVersion = Object.assign(new copy.SessionBackendError('gone', ''), {
      code: 'not_known_here',
    })
    expect(ofAnotherVersion).toBeInstanceOf(SessionBackendError)
    for (const other of [new Error(''), null, { name: 'SessionBackendError', code: 'gone' }]) {
      expect(other instanceof SessionBackendError).toBe(false)
    }
    class Special extends SessionBackendError {}
    expect(new SessionBackendError('gone', '') instanceof Special).toBe(false)
    expect(new Special('gone', '') instanceof SessionBackendError).toBe(true)
  })

  it('has no cause if none was given', () => {
    expect('cause' in new SessionBackendError('internal', '')).toBe(false)
  })
})

describe('error codes', () => {
  // PROTOCOL.md, "Errors".
  it.each([
    ['bad_request', 400],
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['not_found', 404],
    ['not_running', 404],
    ['method_not_allowed', 405],
    ['payload_too_large', 413],
    ['unsupported_media_type', 415],
    ['too_many_requests', 429],
    ['internal', 500],
    ['platform_misconfigured', 500],
    ['platform_error', 502],
    ['platform_busy', 503],
    ['platform_timeout', 504],
  ] as const)('%s is answered with %i', (code, status) => {
    expect(ERROR_STATUS[code]).toBe(status)
    expect(new SessionBackendError(code, '').status).toBe(status)
  })

  it.each(['teapot', 'toString', '__proto__', '', null, 404])('do not include %j', (value) => {
    expect(isErrorCode(value)).toBe(false)
  })

  it('are recognized from outside', () => {
    expect(isErrorCode('not_running')).toBe(true)
  })

  it.each([
    [404, 'not_found'],
    [429, 'too_many_requests'],
    [500, 'internal'],
    [503, 'platform_busy'],
    [418, undefined],
  ])('stand for the HTTP status %i where an answer has none: %s', (status, code) => {
    expect(errorCodeOf(status)).toBe(code)
  })
})
