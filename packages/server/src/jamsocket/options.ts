import {
  type Clock,
  isLock,
  MAX_LOCK_LENGTH,
  RESERVED_ENV,
  SessionBackendError,
  type SpawnRequest,
  systemClock,
} from '@session-backend/core'
import type { JamsocketOptions } from '../jamsocket.ts'
import { isPlainText } from '../plain-text.ts'
import type { SpawnOptions } from '../platform.ts'

export function invalid(message: string): SessionBackendError {
  return new SessionBackendError('invalid_option', message)
}

const DEFAULT_API_URL = 'https://api.jamsocket.com'
const DEFAULT_TIMEOUT = 10_000

/** {@link JamsocketOptions}, checked and complete. */
export interface JamsocketSettings {
  account: string
  service: string
  token: string
  apiVersion: 1 | 2
  /** Of `apiUrl`. */
  origin: string
  /** The path of `apiUrl`, without a slash at its end. */
  prefix: string
  timeout: number
  clock: Clock
}

/** Throws `invalid_option` and names the option. */
export function parseOptions(options: JamsocketOptions): JamsocketSettings {
  const { token, apiVersion = 1, clock = systemClock } = options
  if (apiVersion !== 1 && apiVersion !== 2) throw invalid('`apiVersion` is 1 or 2.')
  if (typeof token !== 'string' || !/^[!-~]+$/.test(token)) {
    throw invalid('`token` is missing, or holds a space or a character that no header can carry.')
  }
  const { origin, prefix } = parseApiUrl(options.apiUrl ?? DEFAULT_API_URL)
  return {
    account: pathPart(options.account, 'account'),
    service: pathPart(options.service, 'service'),
    token,
    apiVersion,
    origin,
    // Of the newer API it is part of every path.
    prefix: apiVersion === 2 ? prefix.replace(/\/v[12]$/, '') : prefix,
    timeout: checkTimeout(options.timeout),
    clock,
  }
}

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

/** Specification: "Spawn a backend". */
export function toSpawnBody({
  lock,
  ...options
}: SpawnOptions & { lock?: string | undefined }): SpawnRequest {
  const { tag, gracePeriodSeconds, env } = options
  if (tag !== undefined && (typeof tag !== 'string' || tag === '')) throw invalid('`tag` is a string.')
  if (gracePeriodSeconds !== undefined && !(Number.isFinite(gracePeriodSeconds) && gracePeriodSeconds >= 0)) {
    throw invalid('`gracePeriodSeconds` is a number of seconds, 0 or more.')
  }
  return {
    ...(lock !== undefined && { lock: checkLock(lock) }),
    ...(tag !== undefined && { tag }),
    ...(gracePeriodSeconds !== undefined && { grace_period_seconds: gracePeriodSeconds }),
    ...(env !== undefined && { env: checkEnv(env) }),
  }
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
