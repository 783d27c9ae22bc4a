import { SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'

/** The codes of connections that were never made, so that nothing was sent. */
const NOT_CONNECTED: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]

/**
 * Whether a call that failed in this way may have been carried out by the platform. An answer that says what
 * is wrong with the request means that it wasn't; silence, a lost connection and an answer of a server in
 * between leave it open.
 */
export function mayHaveArrived(error: unknown): boolean {
  try {
    return isDoubtful(error)
  } catch {
    // Its fields can't be read.
    return true
  }
}

function isDoubtful(error: unknown): boolean {
  if (!(error instanceof SessionBackendError)) return true
  const { code, cause } = error
  if (isRecord(cause) && typeof cause.status === 'number') return cause.status >= 500
  if (isRecord(cause) && NOT_CONNECTED.includes(cause.code)) return false
  return code === 'platform_error' || code === 'platform_timeout'
}
