import type { BackendState, Session } from '@session-backend/core'
import type { Action } from '../common/document.ts'
import type { Grant } from '../common/platform.ts'

/** What `onSpawn` gets: a backend was spawned. */
export interface SpawnEvent {
  documentId: string
  /** What `authorize` granted to the user who opened the document. */
  grant: Grant
  session: Session
}

/** What `onError` gets with the error: what the app was doing. */
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
