import { type BackendStatus, isBackendStatus } from './status.ts'
import { type BackendState, isRecord } from './wire.ts'

/** The name of the events that carry a {@link Timeline}. PROTOCOL.md: "The timeline". */
export const TIMELINE_EVENT = 'timeline'

/** When a status was reached. */
export interface ReachedStatus {
  state: BackendStatus
  /** As RFC 3339. */
  time: string
  /** Milliseconds since the first status. */
  elapsed: number
}

/** How a backend got to its status. PROTOCOL.md: "The timeline". */
export interface Timeline {
  /** The backend's name. */
  backend: string
  /** What was reached, in order. */
  statuses: ReachedStatus[]
  /** The last lines of the log if the start failed and the app shows its log. */
  log?: string[]
}

/** The statuses up to and including a status that was reached after them. */
export function addStatus(
  statuses: readonly ReachedStatus[],
  { state, time }: BackendState,
): ReachedStatus[] {
  const elapsed = Date.parse(time) - Date.parse(statuses[0]?.time ?? time)
  // A platform's clock may be set back, and its time may not be a date.
  return [...statuses, { state, time, elapsed: Math.max(elapsed, 0) || 0 }]
}

/** Reads a timeline from outside; `undefined` if it is not one. */
export function parseTimeline(value: unknown): Timeline | undefined {
  if (!isRecord(value) || typeof value.backend !== 'string' || !Array.isArray(value.statuses))
    return undefined
  const statuses = value.statuses.map(parseReached).filter((status) => status !== undefined)
  const { backend, log } = value
  if (statuses.length !== value.statuses.length) return undefined
  return Array.isArray(log) && log.every((line) => typeof line === 'string')
    ? { backend, statuses, log }
    : { backend, statuses }
}

function parseReached(value: unknown): ReachedStatus | undefined {
  if (!isRecord(value)) return undefined
  const { state, time, elapsed } = value
  if (!isBackendStatus(state) || typeof time !== 'string' || typeof elapsed !== 'number') return undefined
  return { state, time, elapsed }
}
