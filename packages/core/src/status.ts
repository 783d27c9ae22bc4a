/**
 * The statuses of a session backend, in the order in which they can occur.
 *
 * Specification: "Get a backend's status stream", "Backend statuses". A backend moves forward only:
 * Loading, Starting, Ready, then exactly one of the terminal ones; any step may be skipped.
 */
export const BACKEND_STATUSES = [
  'Loading',
  'Starting',
  'Ready',
  'Swept',
  'Exited',
  'ErrorLoading',
  'ErrorStarting',
  'TimedOutBeforeReady',
  'Failed',
  'Terminated',
  'Lost',
] as const

/** One of the eleven {@link BACKEND_STATUSES}. */
export type BackendStatus = (typeof BACKEND_STATUSES)[number]

/** A status of a backend that may still serve, or come to serve, its document. */
export type LiveStatus = 'Loading' | 'Starting' | 'Ready'

/** A status after which nothing follows. */
export type TerminalStatus = Exclude<BackendStatus, LiveStatus>

const KNOWN: readonly unknown[] = BACKEND_STATUSES
/** The rank of all terminal statuses: none is a step forward from another. */
const TERMINAL = 3

/** Whether a value from outside is one of the {@link BACKEND_STATUSES}. */
export function isBackendStatus(value: unknown): value is BackendStatus {
  return KNOWN.includes(value)
}

/** Whether nothing can follow this status: the backend's process is gone for good. */
export function isTerminal(status: BackendStatus): status is TerminalStatus {
  return rank(status) === TERMINAL
}

/**
 * Whether `next` is a step forward from `previous`. Duplicates, replays and backward steps are not, and
 * nothing follows a terminal status, so the first terminal one wins.
 */
export function isForward(previous: BackendStatus | undefined, next: BackendStatus): boolean {
  return previous === undefined || rank(next) > rank(previous)
}

function rank(status: BackendStatus): number {
  return Math.min(KNOWN.indexOf(status), TERMINAL)
}
