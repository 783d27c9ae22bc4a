import type { BackendState, Clock } from '@session-backend/core'
import type { StatusReport } from '../options/options.ts'
import type { Opening } from './moments.ts'

/** Options of a backend. */
export interface BackendOptions {
  name: string
  /** The secret in the connection URL that all its users share. */
  token: string
  /** Whether it was started by v2, where each user has a token in the connection URL. */
  perUser?: boolean
  service: string
  /** The tag of the image or command that it runs. Default: the service's own. */
  tag?: string | undefined
  /** The lock (v1) or key (v2). */
  lock: string | undefined
  /** The name under which its lock is held. */
  holds: string | undefined
  fencingToken: number
  /** How it came to be spawned, if an app's route has said so. */
  opening?: Opening | undefined
  /** With which the app's server signs requests to it, if the app has given it one. PROTOCOL.md: "Control". */
  controlKey?: string | undefined
  clock: Clock
  /** How long it may be idle, in ms. */
  gracePeriod: number
  /** How long it may live, in ms. Default: for ever. */
  lifetime?: number | undefined
  /** How long it may take from Starting to Ready, in ms. */
  startTimeout: number
  /** Called when it has ended, before the followers of its statuses are notified. */
  onEnded: () => void
  /** Called with each status that it reaches. */
  onStatus: (state: BackendState, details: StatusDetails) => void
}

/** What is known about a status. */
export type StatusDetails = Pick<StatusReport, 'reason' | 'stderr' | 'exit'>
