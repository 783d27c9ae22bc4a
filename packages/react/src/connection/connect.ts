import type { Session } from '@session-backend/core'
import type { Unsaved } from './unsaved.ts'

/** Why a connection was lost. A `CloseEvent` is one, so `socket.onclose = onLost` is enough. */
export interface LostReason {
  /** A WebSocket close code. PROTOCOL.md: "Close codes". */
  code?: number
  reason?: string
}

/**
 * What a {@link Connect} function gets.
 *
 * @typeParam H The type of the hook's `onMessage`.
 */
export interface ConnectContext<H = unknown> {
  /** The backend's URL, fresh from the app's route. It holds a secret. */
  url: string
  documentId: string
  /** The whole answer of the app's route. */
  session: Session
  /** The path or URL of the app's route. */
  endpoint: string
  /** Aborts when the session is closed. Close everything then that outlives a lost connection. */
  closed: AbortSignal
  /**
   * Aborts when the connection was lost or is no longer needed. Close everything then that you opened for it.
   */
  signal: AbortSignal
  /** Call it when the connection is lost, before or after it was made. Only the first call counts. */
  onLost(reason?: LostReason): void
  /**
   * Sets a function that checks whether the connection is still alive, and calls `onLost` if it isn't. It is
   * called when the page is shown again, the device wakes up, or the network comes back. In the last two
   * cases, a connection without such a function is replaced.
   */
  onProbe(probe: () => void): void
  /**
   * Call it if the connection holds nothing open, such as plain HTTP requests, and so can't notice that it is
   * lost. The session then follows the backend's status while it is connected.
   */
  followStatus(): void
  /**
   * Call it with the number of unsaved changes, if the connection knows it. It becomes the session's
   * `unsaved`.
   */
  onUnsaved(unsaved: Unsaved): void
  /**
   * Returns the `onMessage` of each component that has the document open. Call all of them for each message.
   */
  listeners(): readonly H[]
  /**
   * What the last call for this document returned. Return it again, so that the connection keeps its
   * identity.
   */
  previous: unknown
}

/**
 * Makes one connection to a backend that is Ready, and resolves when the connection can be used.
 *
 * The session decides when to connect and reconnect. A connection only reports that it is lost, by calling
 * `onLost` or by rejecting. It never reconnects by itself, because each attempt needs a new `url`. Keep
 * everything that must outlive a lost socket (listeners, a queue, a `Y.Doc`) in one object, which the next
 * call gets as `previous`.
 *
 * @typeParam C The connection that the hook returns.
 * @typeParam H The type of the hook's `onMessage`.
 */
export type Connect<C, H = unknown> = (context: ConnectContext<H>) => C | Promise<C>
