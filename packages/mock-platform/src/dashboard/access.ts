import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { checkAuthorization, isOnThisMachine } from '../http/auth.ts'

/**
 * Throws unless a request carries the access token, or was sent by the dashboard's own page in a browser on
 * this machine. The page names its origin in a header of ours: a page of another origin needs a preflight for
 * that, which is never granted, and through a tunnel that rewrites `Host` the two differ.
 */
export function checkAccess(request: IncomingMessage, token: string): void {
  if (request.headers.authorization !== undefined) checkAuthorization(request, token)
  else if (
    !isOnThisMachine(request) ||
    request.headers['x-page-origin'] !== `http://${request.headers.host}`
  ) {
    throw new SessionBackendError(
      'forbidden',
      'Open the dashboard at the address that the platform prints, on the machine that runs it, or enter the access token.',
    )
  }
}
