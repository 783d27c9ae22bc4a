import { type ErrorCode, SessionBackendError } from '@session-backend/core'

/** The close codes after which only the user can go on. PROTOCOL.md: "Close codes". */
const STOPS: Partial<Record<number, [ErrorCode, string]>> = {
  1003: ['bad_request', 'The backend does not take messages of this kind.'],
  1007: ['bad_request', 'The backend could not read a message.'],
  1009: ['payload_too_large', 'A message was too large for the backend.'],
  4401: ['unauthenticated', 'Your sign-in has ended.'],
  4403: ['forbidden', "You don't have access to this document."],
  4422: ['internal', 'The backend failed on a message.'],
}

/** The error of a close code after which only the user can go on. */
export function errorOfClose(code = 0): SessionBackendError | undefined {
  const stop = STOPS[code]
  return stop && new SessionBackendError(...stop)
}

/** Whether the backend has turned the page away for now. */
export function isBusy(code?: number): boolean {
  return code === 1013 || code === 4429
}

/** Whether the backend has closed all its connections at once. */
export function isClosedForAll(code?: number): boolean {
  return code === 1001 || code === 1012
}
