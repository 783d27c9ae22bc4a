import { type ErrorCode, SessionBackendError } from '@session-backend/core'

/** An error that says what the app's log should name, more than its message may tell a client. */
export class ReportedError extends SessionBackendError {
  /** The line of the log: what happened and what to do next. Its `cause`, if there is one, follows. */
  readonly report: string

  constructor(code: ErrorCode, message: string, { report, cause }: { report: string; cause?: unknown }) {
    super(code, message, cause === undefined ? {} : { cause })
    this.report = report
  }
}
