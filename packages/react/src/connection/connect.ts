import type { Session } from '@session-backend/core'
import type { Unsaved } from './unsaved.ts'

/** Why a connection was lost. A `CloseEvent` is one, so `socket.onclose = onLost` is enough. */
export interface LostReason {
  /** A WebSocket close code. PROTOCOL.md: "Close codes". */
  code?: number
  reason?: string
}

/**
 * What a {@link Connect} function works with.
 *
 * @typeParam H The type of the hook's `onMessage`.
 */
export interface ConnectContext<H = unknown> {
  /** Where the backend is reached, fresh from the app's route. It holds a secret. */
  url: string
  documentId: string
  /** The whole answer of the app's route. */
  session: Session
  /** Where the app's route is. */
  endpoint: string
  /** Aborts when the session is closed: what outlives a lost connection ends then. */
  closed: AbortSignal
  /** Aborts when the connection is no longer wanted, or was lost: close all that was opened for it. */
  signal: AbortSignal
  /** Reports that the connection is lost, before or after it was made. Only the first report counts. */
  onLost(reason?: LostReason): void
  /**
   * Sets what finds out whether the connection still lives, and calls `onLost` if not. It is called when the page is
   * shown again, the device woke or the network is back. In the last two cases a connection without it is replaced.
   */
  onProbe(probe: () => void): void
  /**
   * To be called by a connection that holds nothing open, such as plain requests, and so can't tell that it is lost: the
   * backend's status is then followed while it is connected.
   */
  followStatus(): void
  /** To be called, by a connection that knows it, with how much isn't saved yet: the session's `unsaved`. */
  onUnsaved(unsaved: Unsaved): void
  /** The `onMessage` of each component that has the document open, as of its last render. Call all for each message. */
  listeners(): readonly H[]
  /** What the last call for this document returned. Returned again, it keeps its identity when reconnected. */
  previous: unknown
}

/**
 * Makes one connection to a backend that is Ready, and resolves when it can be used.
 *
 * The session decides when to connect and when to connect again; a connection only tells that it is lost, by
 * `onLost` or by rejecting. It never reconnects by itself, since each attempt needs a new `url`. What has to
 * outlive a lost socket (listeners, a queue, a `Y.Doc`) stays in one object, handed on through `previous`.
 *
 * @typeParam C The connection that the hook returns.
 * @typeParam H The type of the hook's `onMessage`.
 */
export type Connect<C, H = unknown> = (context: ConnectContext<H>) => C | Promise<C>
