import {
  BACKEND_STATUSES,
  type BackendState,
  type BackendStatus,
  isForward,
  isTerminal,
  type Session,
  type SessionBackendError,
} from '@session-backend/core'
import type { SessionActions, SessionBackend, SessionFacts, SessionPhase, TimelineEntry } from './session.ts'

/** A phase that passes by itself. */
export type Step = 'requesting' | 'waiting' | 'connecting'

/** What the user sees of a session: one immutable snapshot, replaced by the next when something changes. */
export interface SessionView<C> {
  getSnapshot(): SessionBackend<C>
  /** Called after each change. */
  onChange: () => void
  /** Takes in a session, and when it was spawned, in ms since the epoch, where that was just now. */
  learn(session: Session, spawnedAt?: number): void
  /** Takes in a status; tells whether it is a step forward. Shown with the next phase. */
  reach(state: BackendState): boolean
  /** Forgets the URL: it is lost, and to get there again needs a new one. */
  forgetUrl(): void
  step(phase: Step, error: SessionBackendError | undefined): void
  connected(connection: C, session: Session): void
  ended(error?: SessionBackendError): void
  failed(error: SessionBackendError): void
  /** The last connection, which the next one may be asked to go on with. */
  previous(): C | undefined
}

/** Starts with a session that the server has requested already, where there is one. */
export function createSessionView<C>(actions: SessionActions, initialSession?: Session): SessionView<C> {
  let facts: SessionFacts = { status: undefined, name: undefined, url: undefined, timeline: [] }
  let last: { connection: C } | undefined
  if (initialSession) learn(initialSession)
  let snapshot: SessionBackend<C> = {
    ...facts,
    phase: stepOf(initialSession?.status),
    connection: undefined,
    error: undefined,
    ...actions,
  }

  function learn({ name, url, status }: Session, spawnedAt?: number) {
    const known = name === facts.name
    const timeline = known ? facts.timeline : []
    facts = { name, url, timeline, status: known && !isForward(facts.status, status) ? facts.status : status }
    if (spawnedAt !== undefined) facts.timeline = withEntry(timeline, { status, at: spawnedAt })
  }

  function show(phase: SessionPhase<C>) {
    const next = { ...facts, ...phase, ...actions }
    if (Object.entries(next).every(([key, value]) => Object.is(value, Reflect.get(snapshot, key)))) return
    snapshot = next
    view.onChange()
  }

  const view: SessionView<C> = {
    onChange: () => {},
    getSnapshot: () => snapshot,
    previous: () => last?.connection,
    learn,
    reach({ state, time }) {
      const forward = isForward(facts.status, state)
      const timeline = withEntry(facts.timeline, { status: state, at: Date.parse(time) })
      facts = { ...facts, timeline, status: forward ? state : facts.status }
      return forward
    },
    forgetUrl() {
      facts = { ...facts, url: undefined }
    },
    step(phase, error) {
      show(
        last
          ? { phase: 'reconnecting', connection: last.connection, error }
          : { phase, connection: undefined, error },
      )
    },
    connected(connection, { name, url }) {
      last = { connection }
      show({ phase: 'connected', connection, error: undefined, name, url })
    },
    ended: (error) => show({ phase: 'ended', connection: undefined, error }),
    failed: (error) => show({ phase: 'failed', connection: undefined, error }),
  }
  return view
}

/** What to do next for a backend with this status. */
function stepOf(status: BackendStatus | undefined): Step {
  if (status === undefined || isTerminal(status)) return 'requesting'
  return status === 'Ready' ? 'connecting' : 'waiting'
}

function withEntry(timeline: readonly TimelineEntry[], entry: TimelineEntry): TimelineEntry[] {
  const rank = ({ status }: TimelineEntry) => BACKEND_STATUSES.indexOf(status)
  return [...timeline.filter(({ status }) => status !== entry.status), entry].sort(
    (a, b) => rank(a) - rank(b),
  )
}
