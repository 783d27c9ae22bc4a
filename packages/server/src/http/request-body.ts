import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson } from '@session-backend/core/internal'

/** The longest body, in bytes. PROTOCOL.md: "The route". */
export const MAX_BODY = 16 * 1024

export function tooLarge(): SessionBackendError {
  return new SessionBackendError('payload_too_large', `The body is longer than ${MAX_BODY} bytes.`)
}

/** Throws before a body is read that says itself that it is too long. */
export function checkContentLength(value: string | undefined): void {
  if (Number(value) > MAX_BODY) throw tooLarge()
}

/** A body that the client cut off, or that was read before. */
export function notReadable(error: unknown): never {
  if (error instanceof SessionBackendError) throw error
  throw new SessionBackendError('bad_request', 'The body could not be read.', { cause: error })
}

/** Parses a body that has been read. PROTOCOL.md: "`POST` takes no body, or a JSON object". */
export function parseBody(text: string, contentType: string | undefined): unknown {
  if (text === '') return undefined
  checkContentType(contentType)
  return parseJson(text) ?? null
}

/** Throws where a body is not said to be JSON. */
export function checkContentType(contentType: string | undefined): void {
  if (!/^application\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType ?? '')) {
    throw new SessionBackendError(
      'unsupported_media_type',
      'The body is not JSON: send `Content-Type: application/json`.',
    )
  }
}

/** Throws `bad_request` where a body is neither absent nor a plain object. */
export function checkBody(body: unknown): void {
  if (body === undefined || (isRecord(body) && !Object.hasOwn(body, '__proto__'))) return
  throw new SessionBackendError('bad_request', 'The body is not a JSON object.')
}
