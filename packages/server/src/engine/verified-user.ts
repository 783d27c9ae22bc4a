import { type ConnectRequest, isRecord, isVerifiable } from '@session-backend/core/internal'
import { invalid } from '../common/checks.ts'
import type { Grant } from '../common/platform.ts'

/**
 * What the engine vouches for. It hands both on in headers, and drops what no header can carry without a word: here it
 * is refused, so that nobody is taken for a user without a name.
 */
export function toVerified({ user, auth }: Grant = {}): Pick<ConnectRequest, 'user' | 'auth'> {
  if (user !== undefined && !isVerifiable(user)) {
    throw invalid(
      "The grant's `user` reaches the backend in a header: give it ASCII only, an id for instance.",
    )
  }
  if (auth === undefined) return user === undefined ? {} : { user }
  if (!isRecord(auth) || !isVerifiable(JSON.stringify(auth))) {
    throw invalid(
      "The grant's `auth` reaches the backend in a header: give it an object that is ASCII as JSON.",
    )
  }
  return user === undefined ? { auth } : { user, auth }
}
