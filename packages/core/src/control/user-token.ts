import { isRecord, parseJson } from '../wire.ts'
import { MACS } from './control-key.ts'

/** The part of a connection URL's query that holds a user token. PROTOCOL.md: "Users on v1". */
export const USER_TOKEN_PARAMETER = 'session-backend-user'

/**
 * Where the user data of a platform that knows its users says when they were authorized. PROTOCOL.md: "Who
 * connects".
 */
export const AUTHORIZED_AT = 'session-backend-authorized-at'

/** What a user token says. */
export interface UserClaims {
  user?: string | undefined
  auth?: unknown
  /** In ms since the epoch. */
  authorizedAt: number
}

/** A user token, taken apart. Its claims are not to be believed before one of its MACs is checked. */
export interface UserToken {
  /** In base64url. */
  claims: string
  macs: string[]
}

/** A URL that a proxy in between may refuse is refused before. In characters. */
export const MAX_CLAIMS = 6_000

const TOKEN = new RegExp(`^([\\w-]{1,${MAX_CLAIMS}})\\.(${MACS})$`)

/** The text that a user token's MAC is of. */
export function userTokenText(name: string, claims: string): string {
  return JSON.stringify(['session-backend user', name, claims])
}

export function encodeUserToken({ claims, macs }: UserToken): string {
  return [claims, ...macs].join('.')
}

/** Reads a user token; `undefined` if it isn't one. */
export function parseUserToken(text: string): UserToken | undefined {
  const [, claims, macs] = TOKEN.exec(text) ?? []
  return claims === undefined || macs === undefined ? undefined : { claims, macs: macs.split('.') }
}

/** Reads the claims of a token whose MAC is right; `undefined` if they aren't claims. */
export function parseUserClaims(json: string): UserClaims | undefined {
  const claims = parseJson(json)
  if (!isRecord(claims)) return undefined
  const { user, auth, authorizedAt } = claims
  if (typeof authorizedAt !== 'number' || !(user === undefined || typeof user === 'string')) return undefined
  return { user, auth, authorizedAt }
}
