import type { BackendStatus, Clock, Session, Timeline } from '@session-backend/core'
import type { RouteRequest } from '../route/request-session.ts'

/** Where a session reads its backend's status: `platformStatus`, `relayStatus`, `pollStatus`, or your own. */
export interface StatusSource {
  /**
   * Follows the status with a stream until it is terminal. Duplicates and backward steps are ignored. Throw
   * an error with the HTTP status 404 or 410 if nobody knows the backend any more. Without this method, or if
   * the browser has no free connection for a stream, the session polls `read`.
   */
  follow?(request: StatusRequest): AsyncIterable<StatusUpdate>
  /** Reads the status once. */
  read(request: StatusRequest): Promise<StatusReading>
}

/** What a {@link StatusSource} gets: which backend, and how to reach it. */
export interface StatusRequest extends RouteRequest {
  /** The clock for waits between attempts. It stops while the page is hidden; its `steady` doesn't. */
  clock: Clock
  random: () => number
  session: Session
  /** Call it with the problem if a stream doesn't work. */
  onProblem?(problem: unknown): void
}

/** A status that was read. */
export interface StatusReading {
  state: BackendStatus
  /** When it was reached, in RFC 3339, if the source knows. */
  time?: string
}

/** A status, and how the backend got there. */
export interface StatusUpdate {
  status: BackendStatus
  timeline: Timeline
}
