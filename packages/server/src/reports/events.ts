import type { BackendState, Session } from '@session-backend/core'
import type { Action } from '../common/document.ts'
import type { Grant } from '../common/platform.ts'

/** What `onSpawn` gets: a backend was spawned. */
export interface SpawnEvent {
  documentId: string
  /** What `authorize` granted to the user who opened the document. */
  grant: Grant
  /** What the user gets to reach the backend. Its `url` holds a secret. */
  session: Session
}

/** What `onError` gets with the error: what the app was doing. */
export interface ErrorEvent {
  /** The document; `undefined` if the request named none. */
  documentId?: string | undefined
  /** What the user wanted to do; `undefined` if the request was for no such action. */
  action?: Action | undefined
}

/** A backend whose start failed. */
export interface FailedStart {
  status: BackendState['state']
  /** The last line that the backend printed, without secrets. */
  lastLine: string | undefined
}
