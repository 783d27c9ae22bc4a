import { type ErrorCode, SessionBackendError } from '@session-backend/core'

const MESSAGES = {
  bad_request: 'The URL has no token: use the url that spawn or fetch answered with, as it is.',
  gone: 'The backend has ended or never was: request it again to get a new URL.',
  connection_failed:
    'The backend cannot be reached, or it closed the connection or broke HTTP before its answer was complete.',
  platform_busy: 'The platform is shutting down.',
} as const satisfies Partial<Record<ErrorCode, string>>

/**
 * The proxy's own errors: no token, no such backend, no answer from it, or the proxy is closing. They contain
 * only our own words.
 */
export function refusal(code: keyof typeof MESSAGES, message: string = MESSAGES[code]): SessionBackendError {
  return new SessionBackendError(code, message)
}
