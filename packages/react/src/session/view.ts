import {
  type BackendStatus,
  isForward,
  isTerminal,
  type Session,
  type SessionBackendError,
  type Timeline,
} from '@session-backend/core'
import type { SessionActions, SessionFacts, SessionPhase, UseSessionBackendResult } from './result.ts'

/** What a component shows that has nothing open. */
export const idleSession: UseSessionBackendResult<unknown> = {
  phase: 'idle',
  connection: undefined,
  error: undefined,
  status: undefined,
  name: undefined,
  url: undefined,
  timeline: undefined,
  retry() {},
  disconnect() {},
  reconnect() {},
}

/** A phase that passes by itself. */
export type OpeningPhase = 'requesting' | 'waiting' | 'connecting'

/** What the user sees of a session: one immutable snapshot, replaced by the next when something changes. */
export interface SessionView<C> {
  getSnapshot(): UseSessionBackendResult<C>
  /** Sets the session; shown with the next phase. */
  setSession(session: Session): void
  /** Sets the status, and returns whether it is a step forward; shown with the next phase. */
  setStatus(status: BackendStatus, timeline?: Timeline): boolean
  /** Forgets the URL: the next connection needs a new one. */
  forgetUrl(): void
  /** Shows a phase that passes by itself, or `reconnecting` once there has been a connection. */
  showOpening(phase: OpeningPhase, error?: SessionBackendError): void
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
  let snapshot: UseSessionBackendResult<C> = {
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

  function setStatus(status: BackendStatus, timeline = facts.timeline) {
    const forward = isForward(facts.status, status)
    facts = { ...facts, timeline, status: forward ? status : facts.status }
    return forward
  }

  return {
    getSnapshot: () => snapshot,
    show,
    setSession({ name, url, status }) {
      facts = name === facts.name ? { ...facts, url } : { name, url, status, timeline: undefined }
      setStatus(status)
    },
    setStatus,
    forgetUrl() {
      facts = { ...facts, url: undefined }
    },
    showOpening(phase, error) {
      show(last ? { ...last, phase: 'reconnecting', error } : { phase, connection: undefined, error })
    },
    previous: () => last?.connection,
  }
}
