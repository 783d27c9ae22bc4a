import type { BackendState, Session } from '@session-backend/core'
import type { Action } from '../common/document.ts'
import type { Grant } from '../common/platform.ts'

/** A backend was spawned. */
export interface SpawnEvent {
  documentId: string
  /** For whom. */
  grant: Grant
  session: Session
}

/** What was being done when an error occurred. */
export interface ErrorEvent {
  documentId?: string | undefined
  action?: Action | undefined
}

/** A backend whose start failed. */
export interface FailedStart {
  status: BackendState['state']
  /** The last line that the backend printed, without secrets. */
  lastLine: string | undefined
}
