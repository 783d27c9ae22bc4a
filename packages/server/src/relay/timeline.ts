import { type BackendState, isTerminal, type ReachedStatus } from '@session-backend/core'
import { addStatus } from '@session-backend/core/internal'

/** A status together with all that led to it. */
export interface TimelineStep {
  state: BackendState
  statuses: ReachedStatus[]
}

/** Adds to each status the timeline up to it. */
export async function* withTimeline(
  states: AsyncIterable<BackendState>,
): AsyncGenerator<TimelineStep, void, void> {
  let statuses: ReachedStatus[] = []
  for await (const state of states) {
    statuses = addStatus(statuses, state)
    yield { state, statuses }
  }
}

/** A backend that ended before it was Ready, and not because somebody wished it. */
export function isFailedStart(statuses: ReachedStatus[]): boolean {
  const last = statuses.at(-1)?.state
  if (last === undefined || !isTerminal(last) || last === 'Swept' || last === 'Terminated') return false
  return statuses.every(({ state }) => state !== 'Ready')
}
