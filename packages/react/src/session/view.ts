import type { BackendStatus, Clock, Session, SessionBackendError, Timeline } from '@session-backend/core'
import { isForward, isTerminal } from '@session-backend/core/internal'
import type { Unsaved } from '../connection/unsaved.ts'
import type { SessionActions, SessionFacts, SessionPhase, UseSessionBackendResult } from './result.ts'

/** The result for a component that has nothing open. */
export const idleSession: UseSessionBackendResult<never> = {
  phase: 'idle',
  connection: undefined,
  error: undefined,
  status: undefined,
  name: undefined,
  url: undefined,
  timeline: undefined,
  typicalStart: undefined,
  unsaved: undefined,
  since: 0,
  overdue: false,
  retry() {},
  disconnect() {},
  reconnect() {},
}

/** A phase that ends by itself. */
export type OpeningPhase = 'requesting' | 'waiting' | 'connecting'

/** What the user sees of a session: one immutable snapshot, replaced by the next when something changes. */
export interface SessionView<C> {
  getSnapshot(): UseSessionBackendResult<C>
  /** Sets the session; shown with the next phase. */
  setSession(session: Session): void
  /** Sets the status, and returns whether it is a step forward; shown with the next phase. */
  setStatus(status: BackendStatus, timeline?: Timeline): boolean
  /** Shows the number of unsaved changes. */
  setUnsaved(unsaved: Unsaved): void
  /** Forgets the URL: the next connection needs a new one. */
  forgetUrl(): void
  /** Shows a phase that ends by itself, or `reconnecting` once there has been a connection. */
  showOpening(phase: OpeningPhase, error?: SessionBackendError): void
  show(phase: SessionPhase<C>): void
  /** Shows that the session is overdue, until a phase that doesn't end by itself. */
  showOverdue(): void
  /** The last connection, which the next one may be asked to go on with. */
  previous(): C | undefined
}

/** Options of a view. */
export interface ViewParts {
  actions: SessionActions
  clock: Clock
  onChange(): void
  /** A session that the server has requested already. */
  initialSession?: Session | undefined
}

/** Starts with a session that the server has requested already, if there is one. */
export function createSessionView<C>({
  actions,
  clock,
  onChange,
  initialSession,
}: ViewParts): SessionView<C> {
  const { status, name, url, typicalStart } = initialSession ?? {}
  let facts: Omit<SessionFacts, 'since' | 'overdue'> = {
    ...{ status, name, url, typicalStart },
    timeline: undefined,
    unsaved: undefined,
  }
  let last: { connection: C } | undefined
  let snapshot: UseSessionBackendResult<C> = {
    ...facts,
    phase: status && !isTerminal(status) ? (status === 'Ready' ? 'connecting' : 'waiting') : 'requesting',
    connection: undefined,
    error: undefined,
    since: clock.now(),
    overdue: false,
    ...actions,
  }

  function show(phase: SessionPhase<C>, overdue = snapshot.overdue && isPassing(phase)) {
    const since = phase.phase === snapshot.phase ? snapshot.since : clock.now()
    const next = { ...facts, ...phase, unsaved: facts.unsaved, since, overdue, ...actions }
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
    showOverdue: () => show(snapshot, true),
    setSession({ name, url, status, typicalStart = facts.typicalStart }) {
      const known = name === facts.name ? facts : { ...facts, name, status, timeline: undefined }
      facts = { ...known, url, typicalStart }
      setStatus(status)
    },
    setStatus,
    setUnsaved(unsaved) {
      facts = { ...facts, unsaved }
      show(snapshot)
    },
    forgetUrl() {
      facts = { ...facts, url: undefined }
    },
    showOpening(phase, error) {
      show(last ? { ...last, phase: 'reconnecting', error } : { phase, connection: undefined, error })
    },
    previous: () => last?.connection,
  }
}

/** Whether nothing more happens until the user asks for it. */
export function isOver({ phase }: Pick<UseSessionBackendResult<unknown>, 'phase'>): boolean {
  return phase === 'ended' || phase === 'failed'
}

/** Whether an open session continues by itself. */
export function isPassing(session: Pick<UseSessionBackendResult<unknown>, 'phase'>): boolean {
  return session.phase !== 'connected' && !isOver(session)
}
