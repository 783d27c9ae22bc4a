import { type Session, SessionBackendError } from '@session-backend/core'
import {
  AUTHORIZED_AT,
  encodeUserToken,
  invalidOption,
  isRecord,
  MAX_CLAIMS,
  USER_TOKEN_PARAMETER,
  type UserClaims,
  userTokenText,
} from '@session-backend/core/internal'
import type { Grant } from '../common/platform.ts'
import { macsOf } from './mac.ts'

/**
 * Adds the user to the URL of a session that all users share. PROTOCOL.md: "Users on v1".
 *
 * @param keysOf Called only for a grant with a user. Without a key, the session isn't changed.
 * @throws SessionBackendError `invalid_option` if the grant can't be part of a URL.
 */
export function withUserToken(
  session: Session,
  { user, auth }: Grant,
  authorizedAt: number,
  keysOf: () => readonly Uint8Array[],
): Session {
  if (user === undefined && auth === undefined) return session
  const keys = keysOf()
  if (keys.length === 0) return session
  const claims = encodeClaims({ user, auth, authorizedAt })
  const url = new URL(session.url)
  const token = encodeUserToken({ claims, macs: macsOf(keys, userTokenText(session.name, claims)) })
  url.searchParams.set(USER_TOKEN_PARAMETER, token)
  return { ...session, url: url.href }
}

/**
 * Whether all users share the session's URL, although the platform gives each user a session. Plane's and the
 * mock platform's static tokens begin with `s.`.
 */
export function hasStaticToken({ url }: Session): boolean {
  return new URL(url).pathname.startsWith('/s.')
}

function encodeClaims(claims: UserClaims): string {
  let json: string
  try {
    json = JSON.stringify(claims)
  } catch (cause) {
    throw new SessionBackendError('invalid_option', "The grant's `auth` must be JSON.", { cause })
  }
  const text = Buffer.from(json).toString('base64url')
  if (text.length <= MAX_CLAIMS) return text
  const expected = `at most ${MAX_CLAIMS} characters as JSON in base64url, to fit into a URL`
  throw invalidOption('grant', expected, claims, `${text.length} characters`)
}

/**
 * A grant for a platform that tells the backend who its users are. It includes the time of the authorization.
 */
export function withTime(grant: Grant, authorizedAt: number): Grant {
  const { user, auth = {} } = grant
  if (user === undefined || !isRecord(auth)) return grant
  return { user, auth: { ...auth, [AUTHORIZED_AT]: authorizedAt } }
}
