import type { BackendStatus, Clock, Session, Timeline } from '@session-backend/core'
import type { RouteRequest } from '../route/request-session.ts'

/** Where a session learns its backend's status: `platformStatus`, `relayStatus`, `pollStatus`, or your own. */
export interface StatusSource {
  /**
   * Follows the status by a stream until it is terminal; what comes twice or is no step forward is ignored. An error
   * with the HTTP status 404 or 410 means that nobody knows the backend any more. Without it, or while browsers have no
   * connection to spare for a stream, the status is read again and again.
   */
  follow?(request: StatusRequest): AsyncIterable<StatusUpdate>
  /** Reads the status once. */
  read(request: StatusRequest): Promise<StatusReading>
}

/** What it takes to learn the status of one backend. */
export interface StatusRequest extends RouteRequest {
  /** For waits between attempts: it stands still while the page is hidden. `steady` doesn't. */
  clock: Clock
  random: () => number
  session: Session
  /** Called with what keeps a stream from working. */
  onProblem?(problem: unknown): void
}

/** A status that was read. */
export interface StatusReading {
  state: BackendStatus
  /** When it was reached, as RFC 3339, if the source knows. */
  time?: string
}

/** A status, and how the backend got there. */
export interface StatusUpdate {
  status: BackendStatus
  timeline: Timeline
}
