import { isTerminal, type TerminalStatus } from '@session-backend/core'
import type { TerminationReason, V2State } from '@session-backend/core/internal'
import { type Step, timeAfter } from '../../backends/lifecycle.ts'
import { projection } from '../projection.ts'

/** What v2 says where v1 has one word: each is shown when its group begins. */
const LIVE = {
  Loading: ['scheduled', 'loading'],
  Starting: ['starting', 'waiting'],
  Ready: ['ready'],
} as const

/**
 * Why the platform ended a backend; one that ended by itself has no reason, and tells whether that was an
 * error.
 */
const REASONS: Partial<Record<TerminalStatus, TerminationReason>> = {
  Swept: 'swept',
  Terminated: 'external',
  TimedOutBeforeReady: 'startuptimeout',
  Lost: 'lost',
}

/** The statuses of a backend in v2. Several can belong to one step: each is later than the one before. */
export const statesOf = projection<V2State>((step, before, last) => {
  const states: V2State[] = []
  for (const state of toStates(step, before)) {
    states.push({ ...state, time: timeAfter(states.at(-1) ?? last, Date.parse(step.time)) })
  }
  return states
})

/** One step in v2's words; before the first one there is nothing. */
function toStates(step: Step, before: Step | undefined): V2State[] {
  const { status, outcome, killed, time } = step
  const kind = killed ? 'hard' : 'soft'
  if (isTerminal(status)) {
    const reason = REASONS[status]
    return reason
      ? [{ status: 'terminated', time, termination_reason: reason, termination_kind: kind }]
      : [{ status: 'terminated', time, exit_error: status !== 'Exited' }]
  }
  if (status !== before?.status) return LIVE[status].map((each) => ({ status: each, time }))
  // It is on its way to its end. One that ends by itself is not being terminated.
  const reason = outcome && REASONS[outcome]
  if (!reason) return []
  return [
    {
      status: killed ? 'hard-terminating' : 'terminating',
      time,
      termination_reason: reason,
      termination_kind: kind,
    },
  ]
}
