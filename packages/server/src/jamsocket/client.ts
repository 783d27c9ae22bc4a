import type { BackendState, Clock, Session } from '@session-backend/core'
import type { Dispatcher } from 'undici'
import type {
  CallOptions,
  Grant,
  Platform,
  RunningBackend,
  SpawnOptions,
  TraceHeaders,
} from '../common/platform.ts'

/** Options of {@link jamsocket}. */
export interface JamsocketOptions {
  /** The account's name. */
  account: string
  /** The service that backends are spawned from. */
  service: string
  /** An access token. It is sent to `apiUrl` and nowhere else. */
  token: string
  /** The API's base URL, with or without `/v1` or `/v2`. Default `https://api.jamsocket.com`. */
  apiUrl?: string | undefined
  /**
   * The version of the API. With 2, each user gets their own connection token, the platform passes the
   * grant's `user` and `auth` to the backend in `x-verified-username` and `x-verified-user-data`, and each
   * service has its own locks. With 1, all users of a backend share its URL. Default 1.
   */
  apiVersion?: 1 | 2 | undefined
  /** The deadline of a call in ms, including retries. Streams have no deadline. Default 10,000. */
  timeout?: number | undefined
  /**
   * An undici dispatcher for the calls, for example an `Agent` with your own certificates. The app must close
   * it. Default: keep-alive connections, through the proxy of HTTP_PROXY, HTTPS_PROXY and NO_PROXY if there
   * is one. To use undici's global dispatcher, pass it here.
   */
  dispatcher?: Dispatcher | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
}

/** Options of {@link Jamsocket.spawn}. Without a lock, each call spawns another backend. */
export interface JamsocketSpawn extends SpawnOptions {
  /** 1 to 128 characters. In v1, one account's services share their locks. */
  lock?: string | undefined
  /** The user of the session. v1 ignores it. */
  grant?: Grant | undefined
  /** Sent to the platform with the call. */
  trace?: TraceHeaders | undefined
}

/**
 * The HTTP API of the platform, one method per endpoint. Its sections are named in the specification's words.
 */
export interface Jamsocket extends Platform {
  /** "Spawn a backend". Tried again after a failure only if it has a lock. */
  spawn(request?: JamsocketSpawn, options?: CallOptions): Promise<Session>
  /** "Get a backend's current status". */
  status(name: string, options?: CallOptions): Promise<BackendState>
  /** "Backend ready page": the URL of a page that shows a loading screen, then redirects to the backend. */
  readyUrl(name: string): string
  /** "Check authentication credentials": throws `platform_misconfigured` if the token is invalid. */
  checkAuth(options?: CallOptions): Promise<void>
  /** "Create service". */
  createService(name: string, options?: CallOptions): Promise<void>
  logs(name: string, options?: CallOptions): AsyncIterable<string>
  /** The service's running backends. Throws `not_supported` if the platform has no v2. */
  list(options?: CallOptions): Promise<RunningBackend[]>
  /** "Get a list of services". */
  services(options?: CallOptions): Promise<string[]>
}
