import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, SessionBackendError } from '@session-backend/core'

const MESSAGES = {
  bad_request: 'The URL has no token: use the url that spawn or fetch answered with, as it is.',
  gone: 'The backend has ended or never was: request it again to get a new URL.',
  connection_failed: 'The backend cannot be reached.',
  platform_busy: 'The platform is shutting down.',
} as const satisfies Partial<Record<ErrorCode, string>>

/** Why the proxy itself answers: no token, no such backend, no connection to it, or its own end. */
export function refusal(code: keyof typeof MESSAGES): SessionBackendError {
  return new SessionBackendError(code, MESSAGES[code])
}

/**
 * Answers with the platform's error body, which a page of any origin may read: it has to tell a backend
 * that is gone from one that is out of reach. Only our own words are sent.
 */
export function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { status, code, message } =
    error instanceof SessionBackendError ? error : refusal('connection_failed')
  const body = JSON.stringify({ error: { message, status, code, id: randomUUID() } })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  })
  response.end(body)
  // What is still being uploaded is read and dropped: to close now could cut the answer off.
  request.resume()
}
