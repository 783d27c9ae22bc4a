import { SessionBackendError } from '@session-backend/core'
import { isLock, MAX_LOCK_LENGTH, RESERVED_ENV } from '@session-backend/core/internal'
import { isPlainText } from './plain-text.ts'

export function invalid(message: string): SessionBackendError {
  return new SessionBackendError('invalid_option', message)
}

const DEFAULT_TIMEOUT = 10_000

/** The deadline of a call, in ms. */
export function checkTimeout(timeout = DEFAULT_TIMEOUT): number {
  if (timeout > 0 && timeout <= 2 ** 31 - 1) return timeout
  throw invalid('`timeout` is a number of ms above 0.')
}

/** A part of a path: neither empty nor one of the two that a path can't carry. */
export function pathPart(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`\`${name}\` is missing: it is a string.`)
  if (value === '.' || value === '..' || !isPlainText(value))
    throw invalid(`\`${name}\` can't be part of a URL.`)
  return value
}

/** Specification: the endpoints' paths come after the base URL, `/v1` or not. */
export function parseApiUrl(value: string, name = 'apiUrl'): { origin: string; prefix: string } {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw invalid(`\`${name}\` is an http(s) URL without credentials, query or fragment.`)
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

export function checkLock(lock: unknown): string {
  if (isLock(lock) && isPlainText(lock)) return lock
  throw invalid(`A lock is a string of 1 to ${MAX_LOCK_LENGTH} characters, without control characters.`)
}

const RESERVED: readonly string[] = RESERVED_ENV

/** Variables for a backend, none of them the platform's own. */
export function checkEnv<Env extends Readonly<Record<string, string>>>(env: Env): Env {
  for (const [name, value] of Object.entries(env)) {
    if (RESERVED.includes(name)) throw invalid(`The platform sets ${name} itself: take it out of \`env\`.`)
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw invalid(`\`env\` has a name that no variable can have.`)
    if (typeof value !== 'string' || value.includes('\0')) {
      throw invalid(`The value of ${name} in \`env\` is a string without NUL.`)
    }
  }
  return env
}
