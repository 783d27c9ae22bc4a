import { type BackendState, isTerminal, type Phase } from '@session-backend/core'
import { addPhase } from '@session-backend/core/internal'

/** A status together with all that led to it. */
export interface TimelineStep {
  state: BackendState
  phases: Phase[]
}

/** Adds to each status the timeline up to it. */
export async function* withTimeline(
  states: AsyncIterable<BackendState>,
): AsyncGenerator<TimelineStep, void, void> {
  let phases: Phase[] = []
  for await (const state of states) {
    phases = addPhase(phases, state)
    yield { state, phases }
  }
}

/** A backend that ended before it was Ready, and not because somebody wished it. */
export function isFailedStart(phases: Phase[]): boolean {
  const last = phases.at(-1)?.state
  if (last === undefined || !isTerminal(last) || last === 'Swept' || last === 'Terminated') return false
  return phases.every(({ state }) => state !== 'Ready')
}
