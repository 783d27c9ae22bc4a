import type { BackendState, Session } from '@session-backend/core'

/** What `authorize` returns for a user who has access. `true` is the same as an empty object. */
export interface Grant {
  /** The user's name or id. The backend gets it, and `limits` count by it. */
  user?: string | undefined
  /**
   * Anything else that the backend should know about this user, such as a role. The backend gets it, as JSON.
   */
  auth?: unknown
}

/** Options of every call to a platform. */
export interface CallOptions {
  /** Aborts the call. */
  signal?: AbortSignal | undefined
}

/** How to run the backend of a document. Specification: "Spawn a backend". */
export interface SpawnOptions {
  /** Which of the service's images or commands to run. Default: the service's own. */
  tag?: string | undefined
  /**
   * Seconds from the close of the last connection until the backend is swept. 0 sweeps it at once. Default: the
   * platform's, which is 300 on the mock platform and on Plane.
   */
  gracePeriodSeconds?: number | undefined
  /** Environment variables. Names that the platform sets itself are refused. */
  env?: Record<string, string> | undefined
}

/** A call of {@link Platform.fetch}. */
export interface FetchCall {
  /** 1 to 128 characters. */
  lock: string
  /** The user that the session is for. Only platforms without `sharesSessions` read it. */
  grant?: Grant | undefined
}

/** Headers of a call, which tell the engine how its backend came to be opened. PROTOCOL.md: "Traces". */
export interface TraceHeaders {
  traceparent?: string
  baggage?: string
}

/** A call of {@link Platform.spawn}. */
export interface SpawnCall extends FetchCall, SpawnOptions {
  /** Sent to the engine with the call. Engines may ignore it. */
  trace?: TraceHeaders | undefined
}

/** A running backend, as {@link Platform.list} returns it. */
export interface RunningBackend {
  /** The backend's name or id. */
  name: string
  /** The lock that it holds, if it holds one. */
  lock?: string | undefined
  status: BackendState['state']
  /** When it reached its status, in RFC 3339. */
  since: string
  /** When it was created, in RFC 3339. */
  createdAt: string
  /**
   * The tag that it runs; `null` is the service's default, and `undefined` means that the engine doesn't
   * report tags.
   */
  tag?: string | null | undefined
  /** How many connections are open; `undefined` if the engine doesn't report it. */
  connections?: number | undefined
}

/**
 * An engine that runs backends: the hosted platform, the mock platform, or another one. The route handlers
 * use only this interface.
 *
 * Every method throws a SessionBackendError: `platform_misconfigured` if the engine refuses our credentials
 * or does not know the service, `platform_busy` if it is at its limit, `platform_timeout` if it does not
 * answer in time, `platform_error` for any other failure of the engine.
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
  /**
   * The lines of the backend's log, from the first that the platform still has until the backend ends. Engines
   * whose API has no logs leave this out.
   */
  logs?(name: string, options?: CallOptions): AsyncIterable<string>
  /**
   * Derives a key of 32 bytes from the platform's secret: the same in every process of the app, and another
   * one for each service and purpose. Without this method, a process can't follow ended backends that another
   * process started, and the app must set `secrets` to sign users and control requests.
   */
  deriveKey?(purpose: string): Uint8Array
  /**
   * Lists the service's running backends. Engines that can't list backends leave this out, or throw
   * `not_supported`.
   */
  list?(options?: CallOptions): Promise<RunningBackend[]>
  /** Asks the platform to stop the backend. */
  terminate(name: string, options?: CallOptions): Promise<void>
  /** Closes the connections that are kept open between calls. */
  close(): Promise<void>
}
