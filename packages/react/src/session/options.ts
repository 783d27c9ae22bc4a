import type { Connect } from '../connection/connect.ts'
import type { RouteOptions } from '../route/request-session.ts'
import type { StatusSource } from '../status/source.ts'
import type { UseSessionBackendResult } from './result.ts'

/** What a provider sets for all sessions below it, and a hook for its own. */
export interface SessionOptions extends RouteOptions {
  /** Where a session learns its backend's status. Default: `platformStatus`. */
  statusSource?: StatusSource | undefined
}

/** What each component that has a document open may want to be told. */
export interface SessionListeners<H> {
  /** Called once for each message that arrives, in the form that the connection gives it. It may change at each render. */
  onMessage?: H | undefined
  /** After how many ms of opening or reconnecting the session is `overdue`. Default 5000. */
  overdueAfter?: number | undefined
  /** Called when the session becomes `overdue`. */
  onOverdue?: ((session: UseSessionBackendResult<unknown>) => void) | undefined
}

/** All that a session store works with. */
export interface StoreOptions<C> extends SessionOptions, SessionListeners<unknown> {
  endpoint: string
  connect: Connect<C, never>
  statusSource: StatusSource
}
