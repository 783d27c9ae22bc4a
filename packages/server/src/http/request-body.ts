import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseJson } from '@session-backend/core/internal'

/** The longest body, in bytes. PROTOCOL.md: "The route". */
export const MAX_BODY = 16 * 1024

export function tooLarge(): SessionBackendError {
  return new SessionBackendError('payload_too_large', `The body is longer than ${MAX_BODY} bytes.`)
}

/** Throws if the `Content-Length` is too long, before the body is read. */
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

/** Throws if the content type of a body is not JSON. */
export function checkContentType(contentType: string | undefined): void {
  if (!/^application\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType ?? '')) {
    throw new SessionBackendError(
      'unsupported_media_type',
      'The body is not JSON: send `Content-Type: application/json`.',
    )
  }
}

/** Throws `bad_request` if a body is present and not a plain object. */
export function checkBody(body: unknown): void {
  if (body === undefined || (isRecord(body) && !Object.hasOwn(body, '__proto__'))) return
  throw new SessionBackendError('bad_request', 'The body is not a JSON object.')
}
