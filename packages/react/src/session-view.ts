import {
  type BackendStatus,
  isForward,
  isTerminal,
  type Session,
  type SessionBackendError,
  type Timeline,
} from '@session-backend/core'
import type { SessionActions, SessionBackend, SessionFacts, SessionPhase } from './session.ts'

/** A phase that passes by itself. */
export type Step = 'requesting' | 'waiting' | 'connecting'

/** What the user sees of a session: one immutable snapshot, replaced by the next when something changes. */
export interface SessionView<C> {
  getSnapshot(): SessionBackend<C>
  /** Takes in a session; shown with the next phase. */
  learn(session: Session): void
  /** Takes in a status, and tells whether it is a step forward; shown with the next phase. */
  reach(status: BackendStatus, timeline?: Timeline): boolean
  /** Forgets the URL: it is lost, and to get there again needs a new one. */
  forgetUrl(): void
  /** Shows a phase that passes by itself, or `reconnecting` once there has been a connection. */
  step(phase: Step, error?: SessionBackendError): void
  show(phase: SessionPhase<C>): void
  /** The last connection, which the next one may be asked to go on with. */
  previous(): C | undefined
}

/** Starts with a session that the server has requested already, where there is one. */
export function createSessionView<C>(
  actions: SessionActions,
  onChange: () => void,
  initialSession?: Session,
): SessionView<C> {
  const { status, name, url } = initialSession ?? {}
  let facts: SessionFacts = { status, name, url, timeline: undefined }
  let last: { connection: C } | undefined
  let snapshot: SessionBackend<C> = {
    ...facts,
    phase: status && !isTerminal(status) ? (status === 'Ready' ? 'connecting' : 'waiting') : 'requesting',
    connection: undefined,
    error: undefined,
    ...actions,
  }

  function show(phase: SessionPhase<C>) {
    const next = { ...facts, ...phase, ...actions }
    if (Object.entries(next).every(([key, value]) => value === Reflect.get(snapshot, key))) return
    if (phase.phase === 'connected') last = { connection: phase.connection }
    snapshot = next
    onChange()
  }

  function reach(status: BackendStatus, timeline = facts.timeline) {
    const forward = isForward(facts.status, status)
    facts = { ...facts, timeline, status: forward ? status : facts.status }
    return forward
  }

  return {
    getSnapshot: () => snapshot,
    show,
    learn({ name, url, status }) {
      facts = name === facts.name ? { ...facts, url } : { name, url, status, timeline: undefined }
      reach(status)
    },
    reach,
    forgetUrl() {
      facts = { ...facts, url: undefined }
    },
    step(phase, error) {
      show(last ? { ...last, phase: 'reconnecting', error } : { phase, connection: undefined, error })
    },
    previous: () => last?.connection,
  }
}
