import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { checkAuthorization } from '../http/auth.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Headers that proxies and tunnels add. Their clients can't remove them. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for']

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

function isOnThisMachine({ headers, socket }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const isLoopback = address === '::1' || address.startsWith('127.')
  return isLoopback && LOOPBACK_NAMES.includes(name) && FORWARDED.every((each) => headers[each] === undefined)
}
