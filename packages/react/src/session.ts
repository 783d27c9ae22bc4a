import type { BackendStatus, Clock, Session, SessionBackendError, Timeline } from '@session-backend/core'
import type { StatusSource } from './status/source.ts'

/** What users do with a session. The functions are stable: they fit into any list of dependencies. */
export interface SessionActions {
  /** Starts over at once, with a new respawn budget, when the session is anything but connected. */
  retry(): void
  /** Closes everything; the phase is `ended` until `retry()` or `reconnect()`. */
  disconnect(): void
  /** Closes the connection, and makes a new one through the app's route. */
  reconnect(): void
}

/** What is known about the backend, whatever the phase. */
export interface SessionFacts {
  /** The backend's last status, or `undefined` before there is one. */
  status: BackendStatus | undefined
  /** The backend's name. */
  name: string | undefined
  /** Where the backend is reached, as long as it can be. It holds a secret: don't show or store it. */
  url: string | undefined
  /**
   * When the backend reached each status, as far as it was told when the last one was shown; with `relayStatus`
   * also the `log` of a start that failed. PROTOCOL.md: "The timeline".
   */
  timeline: Timeline | undefined
}

/** Where a session is. In the phases that pass by themselves, `error` is the last problem, while it lasts. */
export type SessionPhase<C> =
  /** `requesting`: the app's route is asked. `waiting`: the backend starts. `connecting`: it is Ready. */
  | {
      phase: 'requesting' | 'waiting' | 'connecting'
      connection: undefined
      error: SessionBackendError | undefined
    }
  | { phase: 'connected'; connection: C; error: undefined; url: string; name: string }
  /** It was connected, and will be again: `connection` is the last one. */
  | { phase: 'reconnecting'; connection: C; error: SessionBackendError | undefined }
  /** By `disconnect()`, or with the error `backend_ended` where the backend exited by itself. */
  | { phase: 'ended'; connection: undefined; error: SessionBackendError | undefined }
  /** Nothing more happens until `retry()`. */
  | { phase: 'failed'; connection: undefined; error: SessionBackendError }

/** What `useSessionBackend` returns: `phase` tells which of the other fields there are. */
export type SessionBackend<C> = SessionFacts & SessionPhase<C> & SessionActions

/** Why a connection was lost. A `CloseEvent` is one, so `socket.onclose = onLost` is enough. */
export interface LostReason {
  /** A WebSocket close code. 4401 and 4403 end the session. PROTOCOL.md: "Reaching the backend". */
  code?: number
  reason?: string
}

/** What a {@link Connect} function works with. */
export interface ConnectContext<C> {
  /** Where the backend is reached, fresh from the app's route. It holds a secret. */
  url: string
  documentId: string
  /** The whole answer of the app's route. */
  session: Session
  /** Aborts when the connection is not wanted any more, or was lost: close all that was opened for it. */
  signal: AbortSignal
  /** Reports that the connection is lost, before or after it was made. Only the first report counts. */
  onLost(reason?: LostReason): void
  /** What the last call for this document returned. Returned again, it keeps its identity when reconnected. */
  previous: C | undefined
}

/**
 * Makes one connection to a backend that is Ready, and resolves when it can be used.
 *
 * The session decides when to connect and when to connect again; a connection only tells that it is lost, by
 * `onLost` or by rejecting. It never reconnects by itself, since each attempt needs a new `url`. What has to
 * outlive a lost socket (listeners, a queue, a `Y.Doc`) stays in one object, handed on through `previous`.
 */
export type Connect<C> = (context: ConnectContext<C>) => C | Promise<C>

/** How sessions reach the app's route. */
export interface RouteOptions {
  /** Where the app mounts the route, for example `/api/sessions`. PROTOCOL.md: "The route". */
  endpoint?: string | undefined
  /** Sent to the app's route only. A function is asked before each request: return a fresh token from it. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined
  /** Whether cookies go to the app's route. Default: fetch's own, `same-origin`. */
  credentials?: RequestCredentials | undefined
  /** Makes every request, those to the platform's status stream included. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** Where the status is learned from. Default: `platformStatus`. */
  status?: StatusSource | undefined
}

/** All that a session store works with. */
export interface StoreOptions<C> extends RouteOptions {
  endpoint: string
  connect: Connect<C>
  status: StatusSource
  clock: Clock
  random: () => number
}
