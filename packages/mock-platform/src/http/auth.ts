import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { isSameSecret } from '../secrets.ts'
import type { ApiRoute } from './router.ts'

/** Throws unless the request carries the access token. Specification: "Authentication". */
export function checkAuthorization({ headers }: IncomingMessage, token: string): void {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  if (isSameSecret(token, given)) return
  throw new SessionBackendError('unauthenticated', 'Send Authorization: Bearer <token> with a valid token.')
}

/**
 * Specification: "Check authentication credentials". The official command line also asks for the account of
 * the token. Other clients get only what the specification says.
 */
export function authRoute(account: string): ApiRoute {
  return {
    endpoint: 'auth',
    method: 'GET',
    path: '/auth',
    auth: true,
    cors: false,
    handle: ({ request }) =>
      request.headers['user-agent']?.startsWith('jamsocket-cli/')
        ? { status: 'ok', accounts: [account], is_admin: false }
        : { status: 'ok' },
  }
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Headers that proxies and tunnels add. Their clients can't remove them. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for']

/** Whether a request was sent by a browser, or another program, on this machine, and not through a proxy or tunnel. */
export function isOnThisMachine({ headers, socket }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const isLoopback = address === '::1' || address.startsWith('127.')
  return isLoopback && LOOPBACK_NAMES.includes(name) && FORWARDED.every((each) => headers[each] === undefined)
}
