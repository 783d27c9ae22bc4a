import type { BackendState, BackendStatus, Clock, Session, Timeline } from '@session-backend/core'
import type { RouteRequest } from '../route/request-session.ts'

/** Where a session learns its backend's status: `platformStatus`, `relayStatus`, `pollStatus`, or your own. */
export interface StatusSource {
  /**
   * Follows the status until it is terminal; what comes twice or is no step forward is ignored. An error with
   * the HTTP status 404 or 410 means that nobody knows the backend any more; any other fails the session.
   */
  follow(request: StatusRequest): AsyncIterable<StatusUpdate>
  /** Reads the status once. */
  read(request: StatusRequest): Promise<Pick<BackendState, 'state'>>
}

/** What it takes to learn the status of one backend. */
export interface StatusRequest extends RouteRequest {
  /** For waits between attempts: it stands still while the device is offline or the page hidden. `steady` doesn't. */
  clock: Clock
  random: () => number
  session: Session
}

/** A status, and how the backend got there. */
export interface StatusUpdate {
  status: BackendStatus
  timeline: Timeline
}
