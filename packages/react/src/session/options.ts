import type { Connect } from '../connection/connect.ts'
import type { RouteOptions } from '../route/request-session.ts'
import type { StatusSource } from '../status/source.ts'
import type { UseSessionBackendResult } from './result.ts'

/** Options of a provider, for all sessions below it, and of a hook, for its session. */
export interface SessionOptions extends RouteOptions {
  /** Where a session reads its backend's status. Default: `platformStatus`. */
  statusSource?: StatusSource | undefined
}

/** Callbacks of each component that has a document open. */
export interface SessionListeners<H> {
  /**
   * Called once for each message that arrives. Its type depends on the connection. It may be another function
   * at each render.
   */
  onMessage?: H | undefined
  /** After how many ms of opening or reconnecting the session is `overdue`. Default 5000. */
  overdueAfter?: number | undefined
  /** Called when the session becomes `overdue`. */
  onOverdue?: ((session: UseSessionBackendResult<unknown>) => void) | undefined
}

/** Options of a session store. */
export interface StoreOptions<C> extends SessionOptions, SessionListeners<unknown> {
  endpoint: string
  connect: Connect<C, never>
  statusSource: StatusSource
}
