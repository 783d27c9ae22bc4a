import { addPhase, type BackendState, isTerminal, type Phase } from '@session-backend/core'

/** A status together with all that led to it. */
export interface StatusStep {
  state: BackendState
  phases: Phase[]
  /** The tail of the log of a start that failed, where the app shows it. */
  log?: string[]
}

/** Adds to each status the timeline up to it, and to a failed start the log. */
export async function* withTimeline(
  states: AsyncIterable<BackendState>,
  readLog: () => Promise<string[] | undefined>,
): AsyncGenerator<StatusStep, void, void> {
  let phases: Phase[] = []
  for await (const state of states) {
    phases = addPhase(phases, state)
    const log = isFailedStart(phases) ? await readLog() : undefined
    yield log ? { state, phases, log } : { state, phases }
  }
}

/** A backend that ended before it was Ready, and not because somebody wished it. */
function isFailedStart(phases: Phase[]): boolean {
  const last = phases.at(-1)?.state
  if (last === undefined || !isTerminal(last) || last === 'Swept' || last === 'Terminated') return false
  return phases.every(({ state }) => state !== 'Ready')
}
