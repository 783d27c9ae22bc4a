import type {
  BackendState,
  BackendStatus,
  Clock,
  Session,
  Timeline,
  WatchStatusOptions,
} from '@session-backend/core'
import type { RouteRequest } from '../route/request-session.ts'

/** Where a session reads its backend's status: `platformStatus`, `relayStatus`, `pollStatus`, or your own. */
export interface StatusSource {
  /**
   * Follows the status with a stream until it is terminal. `watch` reads a stream by its address. Duplicates
   * and backward steps are ignored. Throw an error with the HTTP status 404 or 410 if nobody knows the
   * backend any more. Without this method, or if the browser has no free connection for a stream, the session
   * polls `read`.
   */
  follow?(request: StatusRequest, watch: WatchStream): AsyncIterable<StatusReading>
  /** Reads the status once. */
  read(request: StatusRequest): Promise<StatusReading>
}

/** What a {@link StatusSource} gets: which backend, and how to reach it. */
export interface StatusRequest extends RouteRequest {
  /** The clock for waits between attempts. It stops while the page is hidden; its `steady` doesn't. */
  clock: Clock
  /** Returns a number from 0 to below 1, for the spread of waits. */
  random: () => number
  /** The session whose backend is asked for. */
  session: Session
  /** Call it with the problem if a stream doesn't work. */
  onProblem?(problem: unknown): void
}

/** A status that was learned. */
export interface StatusReading {
  state: BackendStatus
  /** When it was reached, in RFC 3339, if the source knows. */
  time?: string
  /** How the backend got there, if the source knows more than the statuses that it has told. */
  timeline?: Timeline
}

/** What {@link WatchStream} can do next to what `watchStatus` of core can. */
export interface WatchStreamOptions extends WatchStatusOptions {
  /** Reads one status from outside; `undefined` if it isn't one. Default: as v1 sends it. */
  parse?: (value: unknown) => BackendState | undefined
}

/**
 * Watches a status stream by its address, as `watchStatus` of core does. It is passed to sources, because its
 * code is loaded only when a session waits.
 */
export type WatchStream = (url: string, options: WatchStreamOptions) => AsyncIterable<BackendState>
