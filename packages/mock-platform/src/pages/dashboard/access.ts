import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { checkAuthorization } from '../../http/auth.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * Throws unless a request may see and do what the dashboard can: it carries the access token, or it comes from
 * the dashboard itself, in a browser of this machine. That is what keeps other web pages out which the same
 * browser shows: neither a request of theirs (`Origin`, `Sec-Fetch-Site`) nor one after they had their own name
 * point to this machine (`Host`) passes.
 */
export function checkAccess(request: IncomingMessage, token: string): void {
  if (request.headers.authorization !== undefined) checkAuthorization(request, token)
  else if (!isOnThisMachine(request) || !isFromDashboard(request)) {
    throw new SessionBackendError(
      'forbidden',
      'Open the dashboard on the machine that the platform runs on, at http://localhost, or give the access token.',
    )
  }
}

function isOnThisMachine({ headers, socket }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return LOOPBACK_NAMES.includes(name) && (address === '::1' || address.startsWith('127.'))
}

function isFromDashboard({ headers, method }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (headers.origin !== undefined) return headers.origin === `http://${headers.host}`
  // Every browser says where a request that changes something comes from.
  return method === 'GET' || site === 'same-origin'
}
