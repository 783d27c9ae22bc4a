import { type BackendStatus, isTerminal, type TerminalStatus } from '@session-backend/core'

/** Where a backend is in its life. */
export interface Lifecycle {
  /** What the API says. */
  readonly status: BackendStatus
  /** What it will have ended as, once the death of all its processes is confirmed. The first cause wins. */
  readonly outcome?: TerminalStatus
}

/** One step in the life of a backend: where it is from now on. */
export interface Step extends Lifecycle {
  /** When it got there, in RFC 3339. */
  readonly time: string
  /** Whether the platform has killed it. */
  readonly killed: boolean
}

/**
 * The time of what comes after `last`, in RFC 3339: later than that, if only by a millisecond. The official
 * command line sorts statuses by their times.
 */
export function timeAfter(last: { readonly time: string } | undefined, now: number): string {
  return new Date(last === undefined ? now : Math.max(now, Date.parse(last.time) + 1)).toISOString()
}

/** What can happen to a backend. */
export type LifecycleEvent =
  /** Its program was found, or not. */
  | { type: 'loaded' }
  | { type: 'load-failed'; reason?: string }
  /** It could not be started. */
  | { type: 'start-failed'; reason?: string }
  /** It listens on its port, or did not within the limit. */
  | { type: 'listening' }
  | { type: 'start-timed-out' }
  /** Nobody was connected for the grace period. */
  | { type: 'idle' }
  /** Its lifetime is over. */
  | { type: 'expired' }
  /** The API was asked to end it. */
  | { type: 'terminate' }
  /** Its process ended; the code is null if a signal ended it. */
  | { type: 'exited'; code: number | null; signal?: NodeJS.Signals | null | undefined }
  /** The platform lost track of it. */
  | { type: 'lost' }
  /** The death of all its processes is confirmed. */
  | { type: 'gone' }

export const BORN: Lifecycle = { status: 'Loading' }

/** What an event makes of a backend. Specification: "Backend statuses". */
export function next(state: Lifecycle, event: LifecycleEvent): Lifecycle {
  if (isTerminal(state.status)) return state
  if (event.type === 'gone') return { status: state.outcome ?? 'Lost' }
  if (state.outcome) return state
  switch (event.type) {
    case 'loaded':
      return state.status === 'Loading' ? { status: 'Starting' } : state
    case 'listening':
      return { status: 'Ready' }
    case 'load-failed':
      return { ...state, outcome: 'ErrorLoading' }
    case 'start-failed':
      return { ...state, outcome: 'ErrorStarting' }
    case 'start-timed-out':
      return state.status === 'Ready' ? state : { ...state, outcome: 'TimedOutBeforeReady' }
    case 'idle':
      return state.status === 'Ready' ? { ...state, outcome: 'Swept' } : state
    case 'expired':
      return { ...state, outcome: 'Swept' }
    case 'terminate':
      return { ...state, outcome: 'Terminated' }
    case 'exited':
      return { ...state, outcome: event.code === 0 ? 'Exited' : 'Failed' }
    case 'lost':
      return { ...state, outcome: 'Lost' }
  }
}
