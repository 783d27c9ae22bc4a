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
