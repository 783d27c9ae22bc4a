import { SessionBackendError } from '@session-backend/core'
import { AUTHORIZED_AT, isRecord, parseJson } from '@session-backend/core/internal'
import { type Identity, ownIdentity } from '../control/identity.ts'
import { readUserToken } from '../control/user-token.ts'

/** The user who is connecting, according to the platform or the app's route. */
export interface VerifiedUser {
  /** The `user` that the app's route granted; `undefined` if there was none. */
  user: string | undefined
  /** The `auth` that the app's route granted, as parsed JSON; `undefined` if there was none. */
  auth: unknown
}

/** A request of Node's `http` or of the Fetch API, or any object with these properties. */
export type RequestLike = {
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>
  /** The URL with its query, which carries the user on v1. */
  url?: string | undefined
}

/**
 * Returns the user who is connecting. On v2 and Plane it reads the headers that the platform's proxy sets,
 * which clients can't set (PROTOCOL.md: "Who connects"). On v1 it reads the token that the app's route added
 * to the URL ("Users on v1"). Trust the result only behind the platform's proxy.
 *
 * @throws `bad_request` if the headers can't have come from the platform; `unauthenticated` if the token in
 * the URL is forged, expired, or made for another backend.
 */
export function verifiedUser(request: RequestLike): VerifiedUser {
  const { user, auth } = readUser(request, ownIdentity(), Date.now())
  return { user, auth }
}

/** {@link verifiedUser}, with the time at which the user was authorized, in ms since the epoch. */
export function readUser(
  { headers, url = '' }: RequestLike,
  identity: Identity | undefined,
  now: number,
): VerifiedUser & { authorizedAt: number | undefined } {
  const user = readHeader(headers, 'x-verified-username')
  const data = readHeader(headers, 'x-verified-user-data')
  if (user === undefined && data === undefined) {
    const claims = readUserToken(url, identity, now)
    return { user: claims?.user || undefined, auth: claims?.auth, authorizedAt: claims?.authorizedAt }
  }
  const auth = data === undefined ? undefined : parseJson(data)
  if (data !== undefined && auth === undefined) {
    throw new SessionBackendError('bad_request', 'The header `x-verified-user-data` must be JSON.')
  }
  return { user, ...splitAuth(auth) }
}

/** The app's `auth`, and when its route added that it was granted. */
function splitAuth(auth: unknown): { auth: unknown; authorizedAt: number | undefined } {
  if (!isRecord(auth) || !(AUTHORIZED_AT in auth)) return { auth: auth ?? undefined, authorizedAt: undefined }
  const { [AUTHORIZED_AT]: time, ...others } = auth
  return { auth: others, authorizedAt: typeof time === 'number' ? time : undefined }
}

function readHeader(headers: RequestLike['headers'], name: string): string | undefined {
  const value = isHeaders(headers) ? headers.get(name) : headers[name]
  if (Array.isArray(value)) {
    throw new SessionBackendError('bad_request', `The header \`${name}\` must not be repeated.`)
  }
  return value || undefined
}

/**
 * Not by `instanceof Headers`: to read this global loads Node's `fetch`, which takes a third of the processor time of a whole
 * start of Node. A new backend's first page would wait for it.
 */
function isHeaders(headers: RequestLike['headers']): headers is Headers {
  return typeof headers.get === 'function'
}
