/**
 * Every code of a {@link SessionBackendError}, with the HTTP status with which the app's route answers it.
 * Codes that only occur in a client have the closest status.
 */
export const ERROR_STATUS = {
  /** The request is invalid. The message names the part. */
  bad_request: 400,
  /** `authorize` doesn't know the user. */
  unauthenticated: 401,
  /** `authorize` knows the user and denies access. */
  forbidden: 403,
  /** There is no such route, account, service or backend. */
  not_found: 404,
  /** No backend holds the document's lock. */
  not_running: 404,
  method_not_allowed: 405,
  /** The backend, or its connection URL, is gone for good. */
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  /** Too many spawns in a short time, or too many running backends. */
  too_many_requests: 429,
  /** A bug or a wrong option on the server. Only its log has the cause. */
  internal: 500,
  /**
   * The platform refused the app's token, account or service. The app's configuration is wrong, not the
   * user's request.
   */
  platform_misconfigured: 500,
  /** The backend or the engine doesn't support this. */
  not_supported: 501,
  /** The platform answered with an error, with garbage, or not at all. */
  platform_error: 502,
  /** The platform is at its limit; try again after `retryAfter` seconds. */
  platform_busy: 503,
  /** The platform did not answer in time. */
  platform_timeout: 504,
  /** An option is wrong. Thrown when the object is created. */
  invalid_option: 500,
  /**
   * A status stream can't be followed: it has the wrong content type, comes from another origin, or is
   * blocked.
   */
  bad_stream: 502,
  /** A message from the backend doesn't fit the protocol. */
  bad_message: 502,
  /** Another backend owns the document now. This one has a lower fencing token and must not write. */
  outdated_fencing_token: 409,
  /** The backend exited by itself, so it isn't respawned. */
  backend_ended: 410,
  /** The backend ended too often in a short time. `retry()` starts over. */
  crash_loop: 503,
  /** The connection to a backend that is Ready could not be made. */
  connection_failed: 502,
} as const

/** Says what went wrong. Branch on it. */
export type ErrorCode = keyof typeof ERROR_STATUS

/** Options of a {@link SessionBackendError}. */
export interface SessionBackendErrorOptions {
  /** The HTTP status; by default the one that {@link ERROR_STATUS} names for the code. */
  status?: number | undefined
  /** Seconds to wait before trying again. */
  retryAfter?: number | undefined
  /** The platform's id of the error, for its support. */
  id?: string | undefined
  cause?: unknown
}

/** The error that all these packages throw. Branch on `code`, and show `message`. */
export class SessionBackendError extends Error {
  override readonly name = 'SessionBackendError'
  /** What went wrong. */
  declare readonly code: ErrorCode
  /** The HTTP status of the code. */
  declare readonly status: number
  /** Seconds to wait before trying again, if the other side sent them. */
  declare readonly retryAfter?: number | undefined
  /** The platform's id of the error, if it sent one. */
  declare readonly id?: string | undefined

  constructor(code: ErrorCode, message: string, options: SessionBackendErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.status = options.status ?? ERROR_STATUS[code]
    this.retryAfter = options.retryAfter
    this.id = options.id
  }

  /**
   * One process may hold several copies of this module: as ESM and as CommonJS, or one for each of Next's
   * kinds of route. An error of one copy is an error of the others too. Subclasses are told apart as ever.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // The class must not name itself: the build would rename it, and Node print `_SessionBackendError`.
    // biome-ignore lint/complexity/noThisInStatic: it may be a subclass
    if (Object.getPrototypeOf(this) !== Error) return Error[Symbol.hasInstance].call(this, value)
    return value instanceof Error && value.name === 'SessionBackendError'
  }
}

/** Whether a word from outside is one of our codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_STATUS, value)
}

/** The code of an answer that carries none, by its HTTP status. */
export function errorCodeOf(status: number): ErrorCode | undefined {
  return Object.keys(ERROR_STATUS)
    .filter(isErrorCode)
    .find((code) => ERROR_STATUS[code] === status)
}
