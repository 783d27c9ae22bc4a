import { SessionBackendError } from '@session-backend/core'

/** The app's `spawn` option threw, or never settled. Its error is the cause. */
export class SpawnFailure extends SessionBackendError {
  constructor(cause: unknown) {
    super('internal', '`spawn` failed, so no backend was started.', { cause })
  }
}
