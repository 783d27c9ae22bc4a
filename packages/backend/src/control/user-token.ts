import { SessionBackendError } from '@session-backend/core'
import {
  isCurrent,
  parseUserClaims,
  parseUserToken,
  USER_TOKEN_PARAMETER,
  type UserClaims,
  userTokenText,
} from '@session-backend/core/internal'
import type { Identity } from './identity.ts'
import { isSigned } from './mac.ts'

/**
 * A refusal that is not the page's fault: the secrets or clocks of the app's server and this backend differ.
 */
export class Mismatch extends SessionBackendError {
  constructor(message: string) {
    super('unauthenticated', message)
  }
}

/**
 * Who a connection URL says is connecting; `undefined` if it says nothing. PROTOCOL.md: "Users on v1".
 *
 * @throws `unauthenticated` if the app didn't say so, not to this backend, or not within a minute.
 */
export function readUserToken(
  url: string,
  identity: Identity | undefined,
  now: number,
): UserClaims | undefined {
  const tokens = new URLSearchParams(queryOf(url)).getAll(USER_TOKEN_PARAMETER)
  const [text] = tokens
  if (text === undefined) return undefined
  if (identity === undefined) throw new Mismatch('This backend was spawned without a control key.')
  const token = tokens.length === 1 ? parseUserToken(text) : undefined
  if (!token || !isSigned(identity.key, userTokenText(identity.name, token.claims), token.macs)) {
    throw refusal('The user token is not valid for this backend.')
  }
  const claims = parseUserClaims(Buffer.from(token.claims, 'base64url').toString())
  if (!claims) throw refusal('The user token has no claims.')
  const { authorizedAt } = claims
  if (isCurrent(authorizedAt, now)) return claims
  if (authorizedAt < now) throw refusal('The user token has expired.')
  const ahead = Math.round((authorizedAt - now) / 1000)
  throw new Mismatch(`The clock of the app's server is ${ahead} s ahead of this backend's. Synchronize them.`)
}

/** A URL without its user token. */
export function withoutUserToken(url: string): string {
  const query = queryOf(url)
  if (query === '') return url
  const parts = query.split('&').filter((part) => !new URLSearchParams(part).has(USER_TOKEN_PARAMETER))
  const path = url.slice(0, url.indexOf('?'))
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`
}

function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}

function refusal(message: string): SessionBackendError {
  return new SessionBackendError('unauthenticated', message)
}
