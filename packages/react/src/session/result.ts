import type { BackendStatus, SessionBackendError, Timeline, TypicalStart } from '@session-backend/core'
import type { Unsaved } from '../connection/unsaved.ts'

/** What users do with a session. The functions are stable: they fit into any list of dependencies. */
export interface SessionActions {
  /** Starts over at once, with a new respawn budget, unless the session is connected. */
  retry(): void
  /** Closes everything; the phase is `ended` until `retry()` or `reconnect()`. */
  disconnect(): void
  /** Closes the connection, and makes a new one through the app's route. */
  reconnect(): void
}

/** What is known about the backend, in every phase. */
export interface SessionFacts {
  /** The backend's last status, or `undefined` before there is one. */
  status: BackendStatus | undefined
  /** The backend's name. */
  name: string | undefined
  /** Where the backend is reached, as long as it can be. It holds a secret: don't show or store it. */
  url: string | undefined
  /**
   * When the backend reached each status, as far as the session followed it; with `relayStatus` also the `log` of a
   * start that failed. PROTOCOL.md: "The timeline".
   */
  timeline: Timeline | undefined
  /** How long the start of such a backend usually takes, in ms, if the app's server has seen some. PROTOCOL.md: "The session". */
  typicalStart: TypicalStart | undefined
  /** When the phase began, in ms since the epoch; 0 while idle. */
  since: number
  /**
   * How much of what was done here the backend hasn't saved yet; `undefined` if the connection doesn't know. `messages` and
   * `yjs` do.
   */
  unsaved: Unsaved | undefined
  /** Whether it takes long to open or to reconnect: longer than `overdueAfter`, and than 9 of 10 starts if it starts. */
  overdue: boolean
}

/** Where a session is. While it opens or reconnects, `error` is the last problem, as long as it lasts. */
export type SessionPhase<C> =
  /** Nothing is opened: there is no document, or `enabled` is false and no other component has it open. */
  | { phase: 'idle'; connection: undefined; error: undefined }
  /** `requesting`: the app's route is asked. `waiting`: the backend starts. `connecting`: it is Ready. */
  | {
      phase: 'requesting' | 'waiting' | 'connecting'
      connection: undefined
      error: SessionBackendError | undefined
    }
  | { phase: 'connected'; connection: C; error: undefined; url: string; name: string }
  /** It was connected, and will be again: `connection` is the last one. */
  | { phase: 'reconnecting'; connection: C; error: SessionBackendError | undefined }
  /** By `disconnect()`, or with the error `backend_ended` if the backend exited by itself. */
  | { phase: 'ended'; connection: undefined; error: SessionBackendError | undefined }
  /** Nothing more happens until `retry()`. */
  | { phase: 'failed'; connection: undefined; error: SessionBackendError }

/** What `useSessionBackend` returns: `phase` tells which of the other fields there are. */
export type UseSessionBackendResult<C> = SessionFacts & SessionPhase<C> & SessionActions
