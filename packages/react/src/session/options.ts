import type { Clock } from '@session-backend/core'
import type { Connect } from '../connection/connect.ts'
import type { RouteOptions } from '../route/request-session.ts'
import type { StatusSource } from '../status/source.ts'

/** What a provider sets for all sessions below it, and a hook for its own. */
export interface SessionOptions extends RouteOptions {
  /** Where a session learns its backend's status. Default: `platformStatus`. */
  statusSource?: StatusSource | undefined
}

/** All that a session store works with. */
export interface StoreOptions<C> extends SessionOptions {
  endpoint: string
  connect: Connect<C>
  statusSource: StatusSource
  clock: Clock
  random: () => number
}
