import type { BackendStatus, SessionBackendError, Timeline, TypicalStart } from '@session-backend/core'
import type { Unsaved } from '../connection/unsaved.ts'

/** The functions of a session. They keep their identity, so you can list them as dependencies. */
export interface SessionActions {
  /** Starts over at once, with a new respawn budget, unless the session is connected. */
  retry(): void
  /** Closes everything. The phase is `ended` until `retry()` or `reconnect()` is called. */
  disconnect(): void
  /** Closes the connection, and makes a new one through the app's route. */
  reconnect(): void
}

/** Fields that a session has in every phase. */
export interface SessionFacts {
  /** The backend's last status, or `undefined` before there is one. */
  status: BackendStatus | undefined
  /** The backend's name. */
  name: string | undefined
  /** The backend's URL, while it can be used. It holds a secret, so don't show or store it. */
  url: string | undefined
  /**
   * When the backend reached each status that the session has seen. With `relayStatus` also the `log` of a
   * failed start. PROTOCOL.md: "The timeline".
   */
  timeline: Timeline | undefined
  /**
   * How long such backends usually take to start, in ms, if the app's server has seen some starts.
   * PROTOCOL.md: "The session".
   */
  typicalStart: TypicalStart | undefined
  /** When the phase began, in ms since the epoch; 0 while idle. */
  since: number
  /**
   * How many changes of this page the backend hasn't saved yet; `undefined` if the connection can't know.
   * `messages` and `yjs` know.
   */
  unsaved: Unsaved | undefined
  /**
   * Whether opening or reconnecting takes longer than `overdueAfter` and, while the backend starts, longer
   * than 9 of 10 starts.
   */
  overdue: boolean
}

/** The phase of a session. While it opens or reconnects, `error` is the current problem, if there is one. */
export type SessionPhase<C> =
  /** Nothing is opened: there is no document, or `enabled` is false and no other component has it open. */
  | { phase: 'idle'; connection: undefined; error: undefined }
  /**
   * `requesting`: the app's route was asked for a session. `waiting`: the backend is starting. `connecting`:
   * the backend is Ready.
   */
  | {
      phase: 'requesting' | 'waiting' | 'connecting'
      connection: undefined
      error: SessionBackendError | undefined
    }
  | { phase: 'connected'; connection: C; error: undefined; url: string; name: string }
  /** The connection was lost and is being made again. `connection` is the last one. */
  | { phase: 'reconnecting'; connection: C; error: SessionBackendError | undefined }
  /** `disconnect()` was called, or the backend exited by itself (then with the error `backend_ended`). */
  | { phase: 'ended'; connection: undefined; error: SessionBackendError | undefined }
  /** Nothing more happens until `retry()`. */
  | { phase: 'failed'; connection: undefined; error: SessionBackendError }

/** What `useSessionBackend` returns. `phase` narrows the types of the other fields. */
export type UseSessionBackendResult<C> = SessionFacts & SessionPhase<C> & SessionActions
