import type { Session } from '@session-backend/core'

/** Why a connection was lost. A `CloseEvent` is one, so `socket.onclose = onLost` is enough. */
export interface LostReason {
  /** A WebSocket close code. 4401 and 4403 end the session. PROTOCOL.md: "Reaching the backend". */
  code?: number
  reason?: string
}

/** What a {@link Connect} function works with. */
export interface ConnectContext<C = unknown> {
  /** Where the backend is reached, fresh from the app's route. It holds a secret. */
  url: string
  documentId: string
  /** The whole answer of the app's route. */
  session: Session
  /** Aborts when the connection is no longer wanted, or was lost: close all that was opened for it. */
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
