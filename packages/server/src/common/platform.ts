import type { BackendState, Session } from '@session-backend/core'

/** What `authorize` returns for a user who has access. `true` is the same as an empty object. */
export interface Grant {
  /** The user's name or id. The limits count by it, and an engine with a token for each user tells it to the backend. */
  user?: string | undefined
  /** What the backend may know about this user. Engines with a token for each user pass it to the backend. */
  auth?: unknown
}

/** What every call to a platform takes. */
export interface CallOptions {
  /** Aborts the call. */
  signal?: AbortSignal | undefined
}

/** How the backend of a document is run. Specification: "Spawn a backend". */
export interface SpawnOptions {
  /** Which of the service's images or commands to run. Default: the service's own. */
  tag?: string | undefined
  /** Seconds from the moment the last connection closes until the backend is swept. 0 is a value. */
  gracePeriodSeconds?: number | undefined
  /** Environment variables. The platform's own names are refused. */
  env?: Record<string, string> | undefined
}

/** A call of {@link Platform.fetch}. */
export interface FetchCall {
  /** 1 to 128 characters. */
  lock: string
  /** The user that the session is for. Only platforms without `sharesSessions` read it. */
  grant?: Grant | undefined
}

/** A call of {@link Platform.spawn}. */
export interface SpawnCall extends FetchCall, SpawnOptions {}

/** A backend as the platform lists it. */
export interface RunningBackend {
  name: string
  /** The lock that it holds, if it holds one. */
  lock?: string | undefined
  status: BackendState['state']
  /** When it reached its status, as RFC 3339. */
  since: string
  /** When it was created, as RFC 3339. */
  createdAt: string
  /** The tag that it runs; `null` is the service's own. `undefined` if the engine doesn't tell. */
  tag?: string | null | undefined
  /** How many connections are open. `undefined` if the engine doesn't tell. */
  connections?: number | undefined
}

/**
 * What runs the backends: the hosted platform, the mock platform, or another engine. The route handlers use
 * nothing but this interface.
 *
 * Every method throws a SessionBackendError: `platform_misconfigured` if the engine refuses our
 * credentials or does not know the service, `platform_busy` if it is at its limit, `platform_timeout` if
 * it does not answer in time, `platform_error` for any other failure of the engine.
 */
export interface Platform {
  /** Names the engine and the account on it. Instances with the same id may share calls and streams. */
  readonly id: string
  /** The service that backends are spawned from. */
  readonly service: string
  /**
   * Whether every user of a backend gets the same session, so that simultaneous calls for one lock may be
   * answered by one. `false` if each session carries its user's token.
   */
  readonly sharesSessions: boolean
  /** Returns the backend that holds the lock, or a new one. */
  spawn(request: SpawnCall, options?: CallOptions): Promise<Session>
  /** Returns the backend that holds the lock. Throws `not_running` if no backend does. */
  fetch(request: FetchCall, options?: CallOptions): Promise<Session>
  /** Every status of the backend, from the first to a terminal one; survives lost connections. */
  statusStream(name: string, options?: CallOptions): AsyncIterable<BackendState>
  /** The lines of the backend's log, from the first that the platform still has until the backend ends. */
  logs(name: string, options?: CallOptions): AsyncIterable<string>
  /**
   * Derives a key of 32 bytes from the platform's secret, as every process of the app on this platform does and nobody else can: a
   * different one for each service and purpose. Without it, a process knows nothing of ended backends that another one started, and
   * users and messages reach backends only if the app has `secrets`.
   */
  deriveKey?(purpose: string): Uint8Array
  /** The service's running backends. Engines without a list don't have it, or throw `not_supported`. */
  list?(options?: CallOptions): Promise<RunningBackend[]>
  /** Asks the platform to stop the backend. */
  terminate(name: string, options?: CallOptions): Promise<void>
  /** Closes what is kept open between calls. */
  close(): Promise<void>
}
