import { SessionBackendError, type SessionBackendErrorOptions } from './errors.ts'
import { type BackendStatus, isBackendStatus } from './status.ts'

/** One event of a status stream. Specification: "Get a backend's status stream". */
export interface BackendState {
  state: BackendStatus
  /** When the backend reached this status, in RFC 3339. */
  time: string
  /** The backend's name, if the platform sends it. */
  backend?: string
}

/** What a user needs to reach a backend, as the app's route answers it. PROTOCOL.md: "The session". */
export interface Session {
  /** The backend's name or id. */
  name: string
  /**
   * The URL of the backend, for HTTP requests and WebSockets. It holds a secret: anyone who has it can
   * connect.
   */
  url: string
  /** A page that shows a loading screen, then redirects to `url`. */
  readyUrl: string
  /** The endpoint of the backend's current status; {@link statusStreamUrl} leads to its stream. */
  statusUrl: string
  status: BackendStatus
  /** Whether this request started the backend. */
  spawned: boolean
  /** The user of the session: the `user` that the app's `authorize` returned. */
  user?: string
  /** Identifies the backend to the app's route, which can then find it even after it has lost its lock. */
  ref?: string
  /**
   * How long such starts usually take, if the app's process has seen some. Absent if the backend is Ready.
   */
  typicalStart?: TypicalStart
}

/** The time within which half (`p50`), and nine tenths (`p90`), of the last starts were Ready, in ms. */
export interface TypicalStart {
  p50: number
  p90: number
}

/** The answer to spawn and fetch, as the platform sends it. Specification: "Spawn a backend". */
export interface BackendAnswer {
  name: string
  url: string
  ready_url: string
  status_url: string
  status: BackendStatus
  spawned: boolean
}

/** The body of a spawn request. Specification: "Spawn a backend". */
export interface SpawnRequest {
  /** Which of the service's images or commands to run. */
  tag?: string
  /** Seconds from the close of the last connection until the backend is swept. 0 sweeps it at once. */
  grace_period_seconds?: number
  /** 1 to 128 characters. If a backend holds this lock, spawn returns that backend. */
  lock?: string
  env?: Record<string, string>
  /**
   * Whether all users share one token. The backend gets it as SESSION_BACKEND_STATIC_TOKEN, and its requests
   * keep the token in their path. An option of Plane and of the mock platform.
   */
  use_static_token?: boolean
}

/** Environment variables that the platform sets. Specification: "Backend Containers". */
export const RESERVED_ENV = [
  'PORT',
  'JAMSOCKET_SERVICE',
  'SESSION_BACKEND_ID',
  'SESSION_BACKEND_KEY',
  'SESSION_BACKEND_FENCING_TOKEN',
] as const

/** The length of the longest lock, in characters. */
export const MAX_LOCK_LENGTH = 128

/**
 * What {@link isLock} accepts. 128 is {@link MAX_LOCK_LENGTH}: a literal costs nothing in the pages that
 * don't use it.
 */
export const LOCK_PATTERN: RegExp = /^[^\0\p{Surrogate}]{1,128}$/u

/**
 * Whether a string can be a lock: 1 to 128 characters (an emoji is one), without NUL, which no environment
 * variable can hold, and without half an emoji, which UTF-8 cannot.
 */
export function isLock(value: unknown): value is string {
  return typeof value === 'string' && LOCK_PATTERN.test(value)
}

/** Whether a value from outside is an object with string keys, and no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses JSON from outside; `undefined` if it is invalid. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads one status from outside; `undefined` if it is not a status that we know. */
export function parseState(value: unknown): BackendState | undefined {
  if (!isRecord(value) || !isBackendStatus(value.state) || typeof value.time !== 'string') return undefined
  const { state, time, backend } = value
  return typeof backend === 'string' ? { state, time, backend } : { state, time }
}

/** Reads the session that the app's route sends; `undefined` if it is invalid. */
export function parseSession(value: unknown): Session | undefined {
  const session = readSession(value)
  if (session && isRecord(value)) {
    const { user, ref, typicalStart } = value
    if (typeof user === 'string') session.user = user
    if (typeof ref === 'string') session.ref = ref
    if (isRecord(typicalStart)) {
      const { p50, p90 } = typicalStart
      if (typeof p50 === 'number' && typeof p90 === 'number') session.typicalStart = { p50, p90 }
    }
  }
  return session
}

/** Reads the platform's answer to spawn or fetch. Throws `platform_error` if it is invalid. */
export function parseBackendAnswer(value: unknown): Session {
  const session = isRecord(value)
    ? readSession({ ...value, readyUrl: value.ready_url, statusUrl: value.status_url })
    : undefined
  if (session) return session
  throw new SessionBackendError('platform_error', 'The platform sent something that is not a backend.')
}

function readSession(value: unknown): Session | undefined {
  if (!isRecord(value)) return undefined
  const { name, url, readyUrl, statusUrl, status, spawned } = value
  if (typeof name !== 'string' || name === '' || typeof spawned !== 'boolean') return undefined
  if (!isHttpUrl(url) || !isHttpUrl(readyUrl) || !isHttpUrl(statusUrl)) return undefined
  return isBackendStatus(status) ? { name, url, readyUrl, statusUrl, status, spawned } : undefined
}

/** A session in the platform's spelling. */
export function toBackendAnswer(session: Session): BackendAnswer {
  const { name, url, readyUrl, statusUrl, status, spawned } = session
  return { name, url, ready_url: readyUrl, status_url: statusUrl, status, spawned }
}

/** Whether a value from outside is an http(s) URL. */
export function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\/[^/]/.test(value)
}

/** What an error body says, as far as it says it. */
export interface ErrorBody {
  message?: string
  code?: string
  id?: string
}

/**
 * Reads `{"error":{"message","status","code","id"}}`, the error body of both APIs, or Plane's
 * `{"id","kind","message"}`.
 */
export function parseErrorBody(value: unknown): ErrorBody {
  const plane = isRecord(value) && typeof value.kind === 'string' ? { ...value, code: value.kind } : {}
  const error = isRecord(value) && isRecord(value.error) ? value.error : plane
  const { message, code, id }: Record<string, unknown> = error
  return {
    ...(typeof message === 'string' && { message }),
    ...(typeof code === 'string' && { code }),
    ...(typeof id === 'string' && { id }),
  }
}

/** Reads a `Retry-After` header, in seconds or as a date, as seconds from `now` (ms since the epoch). */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

/** What an answer of another kind than 2xx says of itself, as options of a {@link SessionBackendError}. */
export function refusalOf({ status, headers }: Response, now: number): SessionBackendErrorOptions {
  return { status, retryAfter: parseRetryAfter(headers.get('retry-after'), now) }
}
