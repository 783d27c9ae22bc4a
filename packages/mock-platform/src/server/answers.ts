import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'

/** Answers with JSON, in full. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

/**
 * Answers with the error body that the platform's clients read, `{"error":{"message","status","code","id"}}`.
 * An error that is not one of ours tells nothing of itself.
 */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const known =
    error instanceof SessionBackendError
      ? error
      : new SessionBackendError('internal', 'The platform has failed. Its log says why.')
  const { message, status, code, retryAfter } = known
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  if (retryAfter !== undefined) response.setHeader('retry-after', Math.ceil(retryAfter))
  sendErrorBody(response, status, code, message)
}

/** Answers with an error whose code is only defined by the platform. */
export function sendErrorBody(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, { error: { message, status, code, id: randomUUID() } })
}
