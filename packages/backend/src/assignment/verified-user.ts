import { SessionBackendError } from '@session-backend/core'
import { parseJson } from '@session-backend/core/internal'

/** Who the platform says is connecting. */
export interface VerifiedUser {
  /** The `user` that the app's route granted; `undefined` if it named nobody. */
  user: string | undefined
  /** The `auth` that it granted along with it, from JSON; `undefined` if there was none. */
  auth: unknown
}

/** A request of Node's `http`, of `fetch`, or only its headers. */
export type RequestLike = {
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>
}

/**
 * Reads who is connecting from the headers that the platform's proxy sets, and removes from what a client sends
 * (PROTOCOL.md: "Who connects"). Trust it only behind that proxy.
 *
 * @throws `bad_request` if the headers can't have come from the platform.
 */
export function verifiedUser({ headers }: RequestLike): VerifiedUser {
  const user = readHeader(headers, 'x-verified-username')
  const data = readHeader(headers, 'x-verified-user-data')
  const auth = data === undefined ? undefined : parseJson(data)
  if (data !== undefined && auth === undefined) {
    throw new SessionBackendError('bad_request', 'The header `x-verified-user-data` must be JSON.')
  }
  return { user, auth: auth ?? undefined }
}

function readHeader(headers: RequestLike['headers'], name: string): string | undefined {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  if (Array.isArray(value)) {
    throw new SessionBackendError('bad_request', `The header \`${name}\` must be there once.`)
  }
  return value || undefined
}
