import type { ErrorCode } from '@session-backend/core'
import { SessionBackendError } from '@session-backend/core/internal'

/** The close codes after which only the user can continue. PROTOCOL.md: "Close codes". */
const STOPS: Partial<Record<number, ErrorCode>> = {
  1003: 'bad_request',
  1007: 'bad_request',
  1009: 'payload_too_large',
  4401: 'unauthenticated',
  4403: 'forbidden',
  4422: 'internal',
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Your sign-in has expired. Sign in again.',
  forbidden: "You don't have access to this document.",
}

/** Returns the error of a close code after which only the user can continue. */
export function errorOfClose(closeCode = 0): SessionBackendError | undefined {
  const code = STOPS[closeCode]
  if (!code) return undefined
  const message = MESSAGES[code] ?? `The backend refused a message: close code ${closeCode}.`
  return new SessionBackendError(code, message)
}

/** Whether the backend has turned the page away for now. */
export function isBusy(closeCode?: number): boolean {
  return closeCode === 1013 || closeCode === 4429
}

/** Whether the backend has closed all its connections at once. */
export function isClosedForAll(closeCode?: number): boolean {
  return closeCode === 1001 || closeCode === 1012
}
