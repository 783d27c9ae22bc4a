import type { Clock, Session } from '@session-backend/core'
import type { DocumentContext } from '../common/document.ts'
import type { Platform, SpawnOptions } from '../common/platform.ts'
import type { ControlKeys } from '../control/secrets.ts'
import type { RelayState, StreamRelay } from '../relay/relay.ts'
import type { Reports } from '../reports/reports.ts'
import type { LockFunction } from '../request/lock.ts'
import type { Counts } from './admission.ts'
import type { Limits } from './limits.ts'
import type { SingleFlight } from './single-flight.ts'
import type { StartTimes } from './start-times.ts'

/** What the sessions read of the app's options. */
export interface SessionsOptions {
  platform: Platform
  lock: LockFunction
  spawn(context: DocumentContext): SpawnOptions | Promise<SpawnOptions>
  startupLog: boolean
  limits: Limits
  clock: Clock
}

/** What the sessions of one platform share. */
export interface SessionsState extends Pick<RelayState, 'envValues' | 'lastNames'> {
  flights: SingleFlight<Session>
  counts: Counts
  startTimes: StartTimes
}

/** What the sessions work with. */
export interface SessionsContext {
  settings: SessionsOptions
  state: SessionsState
  relay: StreamRelay
  reports: Reports
  keysOf: ControlKeys
  /** Aborts when the app closes. */
  closing: AbortSignal
}
