import type { BackendStatus } from './status.ts'
import { isRecord } from './wire.ts'

/** The statuses of v2 and of Plane, in the order in which they can occur. */
export const V2_STATUSES = [
  'scheduled',
  'loading',
  'starting',
  'waiting',
  'ready',
  'terminating',
  'hard-terminating',
  'terminated',
] as const

/** One of the eight {@link V2_STATUSES}. */
export type V2Status = (typeof V2_STATUSES)[number]

/** Why a backend was ended; one that ended by itself has no reason. */
export const TERMINATION_REASONS = [
  'swept',
  'external',
  'keyexpired',
  'lost',
  'startuptimeout',
  'internalerror',
] as const

/** One of the {@link TERMINATION_REASONS}. */
export type TerminationReason = (typeof TERMINATION_REASONS)[number]

/** One event of a v2 status stream. */
export interface V2State {
  status: V2Status
  /** When the backend reached it, in RFC 3339. */
  time: string
  termination_reason?: TerminationReason
  termination_kind?: 'soft' | 'hard'
  /** Whether its process ended with an error. */
  exit_error?: boolean
}

/** Reads one v2 status from outside; `undefined` if it is not one. Plane's time is in ms since the epoch. */
export function parseV2State(value: unknown): V2State | undefined {
  if (!isRecord(value)) return undefined
  const status = V2_STATUSES.find((each) => each === value.status)
  const time = parseTime(value.time)
  if (status === undefined || time === undefined) return undefined
  const reason = TERMINATION_REASONS.find((each) => each === value.termination_reason)
  const kind = (['soft', 'hard'] as const).find((each) => each === value.termination_kind)
  return {
    status,
    time,
    ...(reason && { termination_reason: reason }),
    ...(kind && { termination_kind: kind }),
    ...(typeof value.exit_error === 'boolean' && { exit_error: value.exit_error }),
  }
}

/** The last millisecond that a Date can hold. */
const LAST_TIME = 8.64e15

function parseTime(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Math.abs(value) <= LAST_TIME ? new Date(value).toISOString() : undefined
}

/** Whether a status comes before any sign of the end. */
export function isBeforeEnd(status: V2Status): boolean {
  return V2_STATUSES.indexOf(status) <= V2_STATUSES.indexOf('ready')
}

/**
 * A v2 status in v1's words, which are ours.
 *
 * @param last The last status before any sign of the end. A backend of which none is known counts as one that
 * was ready, unless the reason says otherwise.
 */
export function toBackendStatus(state: V2State, last: V2Status | undefined): BackendStatus {
  switch (state.status) {
    case 'scheduled':
    case 'loading':
      return 'Loading'
    case 'starting':
    case 'waiting':
      return 'Starting'
    case 'ready':
    case 'terminating':
    case 'hard-terminating':
      return 'Ready'
    case 'terminated':
      return toTerminal(state, last)
  }
}

function toTerminal(state: V2State, last: V2Status | undefined): BackendStatus {
  const { termination_reason: reason, exit_error } = state
  switch (reason) {
    case 'external':
      return 'Terminated'
    case 'internalerror':
    case 'lost':
      return 'Lost'
    case 'swept':
    case 'keyexpired':
      return 'Swept'
  }
  if (last === 'scheduled' || last === 'loading') return 'ErrorLoading'
  if (last === 'starting') return 'ErrorStarting'
  if (last === 'waiting') return reason === 'startuptimeout' ? 'TimedOutBeforeReady' : 'ErrorStarting'
  if (last === undefined && reason === 'startuptimeout') return 'TimedOutBeforeReady'
  if (exit_error === undefined) return 'Terminated'
  return exit_error ? 'Failed' : 'Exited'
}
