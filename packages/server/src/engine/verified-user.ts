import { type ConnectRequest, isRecord, isVerifiable } from '@session-backend/core/internal'
import { checkOptional, type Rule } from '../common/checks.ts'
import type { Grant } from '../common/platform.ts'

const USER: Rule = {
  expected: 'a string that a header can carry, of ASCII only and without spaces around it, such as an id',
  // A header loses the spaces around it: `ada ` would be taken for `ada`.
  isValid: (value) => typeof value === 'string' && isVerifiable(value) && value === value.trim(),
  typeOnly: true,
}
const AUTH: Rule = {
  expected: 'an object that a header can carry, of ASCII only as JSON',
  isValid: (value) => isRecord(value) && isVerifiable(JSON.stringify(value)),
  typeOnly: true,
}

/**
 * The user and rights that the engine passes to the backend. The engine sends them in headers, and silently
 * drops values that a header can't carry. Such values are refused here, so that nobody becomes a user without
 * a name.
 */
export function toVerified({ user, auth }: Grant = {}): Pick<ConnectRequest, 'user' | 'auth'> {
  checkOptional('user', user, USER)
  checkOptional('auth', auth, AUTH)
  return { ...(user === undefined ? {} : { user }), ...(isRecord(auth) ? { auth } : {}) }
}
