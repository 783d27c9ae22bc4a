import { type ErrorCode, SessionBackendError } from '@session-backend/core'
import type { Outgoing } from './incoming.ts'

/** On every answer. PROTOCOL.md: "Every answer carries `Cache-Control: private, no-store`". */
export const HEADERS = { 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' }
const JSON_HEADERS = { ...HEADERS, 'content-type': 'application/json; charset=utf-8' }

export function jsonAnswer(status: number, value: unknown, headers?: Record<string, string>): Outgoing {
  return {
    status,
    headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS,
    body: JSON.stringify(value),
  }
}

/** Says that a stream is complete. After any other answer, a browser's `EventSource` reconnects forever. */
export function noContent(): Outgoing {
  return { status: 204, headers: HEADERS, body: '' }
}

/** A `text/event-stream` that lasts until the reader leaves. */
export function eventStream(body: (signal: AbortSignal) => AsyncIterable<string>): Outgoing {
  return {
    status: 200,
    headers: {
      ...HEADERS,
      // A proxy or middleware that compresses holds events back: `compression()` sent no byte in 48 s.
      'cache-control': `${HEADERS['cache-control']}, no-transform`,
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies such as nginx hold an event stream back unless they are told not to.
      'x-accel-buffering': 'no',
    },
    body,
  }
}

/** Errors whose messages were written for the user. */
const FOR_THE_USER: readonly ErrorCode[] = [
  'bad_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'too_many_requests',
]

/** The public messages of all other errors, which replace what they say themselves. PROTOCOL.md: "Errors". */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  not_running: 'No backend is running for this document.',
  platform_misconfigured: "This app's server is not set up correctly.",
  not_supported: 'This server cannot do that.',
  platform_error: "The server isn't responding.",
  platform_busy: 'The server is busy.',
  platform_timeout: 'The server did not answer in time.',
}

/**
 * The error for the client: a code of PROTOCOL.md, and a message without anything from the platform.
 */
export function toPublicError(error: unknown): SessionBackendError {
  try {
    return publicErrorOf(error)
  } catch {
    // Its fields can't be read: a getter throws, for instance.
    return new SessionBackendError('internal', 'Something went wrong on the server.')
  }
}

function publicErrorOf(error: unknown): SessionBackendError {
  if (error instanceof SessionBackendError) {
    const { code, retryAfter, message } = error
    const shown = FOR_THE_USER.includes(code) ? message : MESSAGES[code]
    if (shown !== undefined) return new SessionBackendError(code, shown, { retryAfter, cause: error })
  }
  return new SessionBackendError('internal', 'Something went wrong on the server.', { cause: error })
}

/** Seconds to wait if the platform is at its limit and does not say for how long. */
const RETRY_AFTER = 5
/** The longest wait that is passed on, in seconds: a day. */
const MAX_RETRY_AFTER = 24 * 60 * 60

export function errorAnswer(error: SessionBackendError, headers: Record<string, string> = {}): Outgoing {
  const { code, message, status } = error
  const wait =
    error.retryAfter ?? (code === 'platform_busy' || code === 'too_many_requests' ? RETRY_AFTER : undefined)
  return jsonAnswer(
    status,
    { error: { code, message } },
    wait === undefined
      ? headers
      : { ...headers, 'retry-after': String(Math.min(Math.ceil(wait), MAX_RETRY_AFTER)) },
  )
}

/** The answer to a failure. Unexpected errors are also passed to the framework's error handler. */
export function failureAnswer(error: unknown, headers?: Record<string, string>): Outgoing {
  const shown = toPublicError(error)
  const outgoing = errorAnswer(shown, headers)
  return shown.code === 'internal' ? { ...outgoing, error: shown } : outgoing
}
