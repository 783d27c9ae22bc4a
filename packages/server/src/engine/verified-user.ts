import { type ConnectRequest, isRecord, isVerifiable } from '@session-backend/core/internal'
import { checkOptional, invalidOption, type Rule, typeName } from '../common/checks.ts'
import type { Grant } from '../common/platform.ts'

const USER: Rule = {
  expected: 'a string that a header can carry, of ASCII only and without spaces around it, such as an id',
  // A header loses the spaces around it: `ada ` would be taken for `ada`.
  isMet: (value) => typeof value === 'string' && isVerifiable(value) && value === value.trim(),
  secret: true,
}
const AUTH = 'an object that a header can carry, of ASCII only as JSON'

/**
 * What the engine vouches for. The engine hands both on in headers, and silently drops what no header can carry: here that is
 * refused, so that nobody is taken for a user without a name.
 */
export function toVerified({ user, auth }: Grant = {}): Pick<ConnectRequest, 'user' | 'auth'> {
  checkOptional('user', user, USER)
  if (auth === undefined) return user === undefined ? {} : { user }
  if (!isRecord(auth) || !isVerifiable(JSON.stringify(auth)))
    throw invalidOption('auth', AUTH, typeName(auth))
  return user === undefined ? { auth } : { user, auth }
}
