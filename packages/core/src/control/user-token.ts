import { isRecord, parseJson } from '../wire.ts'

/** The part of a connection URL's query that holds a user token. PROTOCOL.md: "Users on v1". */
export const USER_TOKEN_PARAMETER = 'session-backend-user'

/**
 * The field of the user data that has the time of the authorization, on platforms that know their users.
 * PROTOCOL.md: "Who connects".
 */
export const AUTHORIZED_AT = 'session-backend-authorized-at'

/** What a user token says. */
export interface UserClaims {
  user?: string | undefined
  auth?: unknown
  /** In ms since the epoch. */
  authorizedAt: number
}

/** The parts of a user token. Its claims must not be trusted before one of its MACs is checked. */
export interface UserToken {
  /** In base64url. */
  claims: string
  macs: string[]
}

/** The longest claims, in characters: proxies may refuse a URL with longer ones. */
export const MAX_CLAIMS = 6_000

/**
 * The claims, of at most {@link MAX_CLAIMS} characters, and one to three MACs. A literal costs nothing in
 * pages.
 */
const TOKEN = /^([\w-]{1,6000})\.([\w-]{43}(?:\.[\w-]{43}){0,2})$/

/** The text that the MAC of a user token signs. */
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
