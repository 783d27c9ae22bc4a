import { SessionBackendError } from './errors.ts'
import { toBackendStatus, V2_STATUSES, type V2Status } from './status-v2.ts'
import { isHttpUrl, isRecord, type Session } from './wire.ts'

/** The body of a v2 connect request. */
export interface ConnectRequest {
  /**
   * 1 to 128 characters; each service has its own keys. While a backend holds it, connect returns that
   * backend.
   */
  key?: string
  /**
   * Whether, and how, to start a backend if none holds the key. `false`: connect to one that runs, or fail.
   */
  spawn?: boolean | ConnectSpawn
  /** Who will use the connection URL: the backend gets it as `x-verified-username`. */
  user?: string
  /** What the backend may know of this user: it gets it as `x-verified-user-data`. */
  auth?: Record<string, unknown>
}

/** How a v2 connect request starts a backend. */
export interface ConnectSpawn {
  /** Which of the service's images or commands to run. */
  tag?: string
  cluster?: string
  /** How long the backend may live, in seconds. */
  lifetime_limit_seconds?: number
  /** Seconds from the moment the last connection closes until the backend is swept. */
  max_idle_seconds?: number
  executable?: { env?: Record<string, string> }
  /** As in v1's spawn request. The backend doesn't learn who its users are then. */
  use_static_token?: boolean
}

/** The answer to a v2 connect request. */
export interface ConnectAnswer {
  backend_id: string
  spawned: boolean
  status: V2Status
  /** The secret in `url`. It is one user's own, or static. */
  token: string
  url: string
  /**
   * Reaches the backend with every request of this user, and nobody else. With a static token it is absent.
   */
  secret_token?: string | null
  status_url: string
  ready_url: string
}

/** What {@link isVerifiable} accepts. */
export const VERIFIABLE_PATTERN: RegExp = /^[ -~]*$/

/**
 * Whether a value can be a header's, as `x-verified-username` and `x-verified-user-data` are: the engines
 * drop anything but visible ASCII and spaces without a word.
 */
export function isVerifiable(value: string): boolean {
  return VERIFIABLE_PATTERN.test(value)
}

/**
 * Reads the answer to v2's connect, or Plane's, which has no ready page: there the backend's own address,
 * whose requests wait for it, takes its place. Throws `platform_error` if it is invalid.
 */
export function parseConnectAnswer(value: unknown): Session {
  if (isRecord(value)) {
    const { backend_id: name, url, status_url: statusUrl, ready_url: readyUrl, spawned } = value
    const status = V2_STATUSES.find((each) => each === value.status)
    if (typeof name === 'string' && name !== '' && typeof spawned === 'boolean' && status !== undefined) {
      if (isHttpUrl(url) && isHttpUrl(statusUrl)) {
        return {
          name,
          url,
          readyUrl: isHttpUrl(readyUrl) ? readyUrl : url,
          statusUrl,
          status: toBackendStatus({ status, time: '' }, undefined),
          spawned,
        }
      }
    }
  }
  throw new SessionBackendError('platform_error', 'The platform sent something that is not a backend.')
}
