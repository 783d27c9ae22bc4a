import { SessionBackendError } from '@session-backend/core'

/** What somebody is told who may not do something. */
export const NO_ACCESS = "You don't have access to this document."

/** A `forbidden` whose reason the app's log should name: more often than not, something is set up wrongly. */
export class Denial extends SessionBackendError {
  /** For the log. */
  readonly reason: string

  constructor(message: string, reason: string, cause?: unknown) {
    super('forbidden', message, cause === undefined ? {} : { cause })
    this.reason = reason
  }
}
