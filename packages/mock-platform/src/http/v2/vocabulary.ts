import { isTerminal, type TerminalStatus } from '@session-backend/core'
import type { TerminationReason, V2State } from '@session-backend/core/internal'
import type { Lifecycle } from '../../backends/lifecycle.ts'

/** What the newer API says where the older one has one word: each step is shown when its group begins. */
const LIVE = {
  Loading: ['scheduled', 'loading'],
  Starting: ['starting', 'waiting'],
  Ready: ['ready'],
} as const

/** Why the platform ended a backend; one that ended by itself has no reason, and tells whether that was an error. */
const REASONS: Partial<Record<TerminalStatus, TerminationReason>> = {
  Swept: 'swept',
  Terminated: 'external',
  TimedOutBeforeReady: 'startuptimeout',
  Lost: 'lost',
}

/** One step in a backend's life, in the newer API's words. Before the first one there is nothing. */
export function toV2States(before: Lifecycle | undefined, after: Lifecycle, end: EndDetails): V2State[] {
  const { time } = end
  const { status, outcome } = after
  if (status === before?.status) {
    const reason = outcome && !before.outcome ? REASONS[outcome] : undefined
    if (!reason) return []
    return [{ status: 'terminating', time, termination_reason: reason, termination_kind: 'soft' }]
  }
  if (!isTerminal(status)) return LIVE[status].map((each) => ({ status: each, time }))
  const reason = REASONS[status]
  if (!reason) return [{ status: 'terminated', time, exit_error: status !== 'Exited' }]
  const kind = end.killed ? 'hard' : 'soft'
  return [{ status: 'terminated', time, termination_reason: reason, termination_kind: kind }]
}

/** What {@link toV2States} has to know besides. */
export interface EndDetails {
  /** As RFC 3339. */
  time: string
  /** Whether the platform killed the backend. */
  killed: boolean
}

/** A backend that is about to be killed, in the newer API's words; nothing where it ended by itself. */
export function toHardTerminating({ status, outcome }: Lifecycle, time: string): V2State[] {
  const reason = outcome && !isTerminal(status) ? REASONS[outcome] : undefined
  if (!reason) return []
  return [{ status: 'hard-terminating', time, termination_reason: reason, termination_kind: 'hard' }]
}
