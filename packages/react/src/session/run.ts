import {
  childOf,
  createBackoff,
  isTerminal,
  type Session,
  SessionBackendError,
  sleep,
  type TerminalStatus,
} from '@session-backend/core'
import { openConnection } from '../connection/open-connection.ts'
import { isTemporary, requestSession } from '../route/request-session.ts'
import { withDeadline } from '../route/with-deadline.ts'
import { reactionTo } from './end-of-backend.ts'
import type { StoreOptions } from './options.ts'
import { pausedWhileAway } from './presence.ts'
import { createRespawnBudget } from './respawn-budget.ts'
import type { OpeningPhase, SessionView } from './view.ts'

/** A connection that lasted this long, in ms, was healthy: the next failure starts the back-off over. */
const HEALTHY_AFTER = 10_000

/** What a run works with. */
export interface RunParts<C> {
  documentId: string
  /** Read again for every request and connection. */
  options: () => StoreOptions<C>
  view: SessionView<C>
  /** Ends the run, and closes everything that it opened. */
  signal: AbortSignal
}

/**
 * Keeps one document's session going: requests it from the app's route, follows its status, connects, and starts
 * over when the connection or the backend is lost. Never returns; throws what only the user can fix, and
 * the signal's reason. PROTOCOL.md: "Reaching the backend".
 */
export async function runSession<C>(parts: RunParts<C>, session?: Session): Promise<never> {
  const { documentId, options, view, signal } = parts
  const { clock, random } = options()
  const patient = pausedWhileAway(clock)
  const backoff = createBackoff({ random })
  const budget = createRespawnBudget(clock, random)
  /** Why there is no connection, once one was lost. */
  let problem: SessionBackendError | undefined
  let connectedAt = Number.POSITIVE_INFINITY

  while (true) {
    session ??= await request()
    view.setSession(session)
    const ended = isTerminal(session.status) ? session.status : await serve(session)
    resetIfHealthy()
    view.forgetUrl()
    if (ended) {
      view.setStatus(ended)
      await waitBeforeRespawn(ended)
    }
    session = undefined
  }

  /** Shows a phase, unless the run has been ended: what was under way then comes too late. */
  function show(phase: OpeningPhase, error = problem) {
    if (signal.aborted) throw signal.reason
    view.showOpening(phase, error)
  }

  /** Asks the app's route, until it answers or refuses. */
  async function request(): Promise<Session> {
    show('requesting')
    while (true) {
      try {
        return await withDeadline(clock, signal, (signal) =>
          requestSession({ ...options(), documentId, signal }, 'POST'),
        )
      } catch (error) {
        if (!isTemporary(error)) throw error
        show('requesting', error)
        await sleep(patient, backoff.next(error.retryAfter), signal)
      }
    }
  }

  /** Follows a backend and makes one connection to it: until the backend ends, or the connection is lost. */
  async function serve(session: Session): Promise<TerminalStatus | undefined> {
    const scope = childOf(signal)
    let isReady = false
    try {
      return await new Promise((resolve, reject) => {
        const onReady = () => {
          if (isReady) return
          isReady = true
          show('connecting')
          connect(session, scope.signal).then(resolve, reject)
        }
        if (session.status === 'Ready') onReady()
        else show('waiting')
        follow(session, scope.signal, onReady).then(
          // A stream that has no more to say ends nothing while there is a connection.
          (ended) => (ended || !isReady) && resolve(ended),
          reject,
        )
      })
    } finally {
      scope.abort()
    }
  }

  async function follow(session: Session, signal: AbortSignal, onReady: () => void) {
    try {
      const request = {
        ...options(),
        documentId,
        session,
        signal,
        clock: patient,
        /** Read again for each request. */
        get headers() {
          return options().headers
        },
      }
      for await (const { status, timeline } of request.statusSource.follow(request)) {
        if (signal.aborted) throw signal.reason
        const forward = view.setStatus(status, timeline)
        if (isTerminal(status)) return status
        if (status === 'Ready') onReady()
        else if (forward) show('waiting')
      }
    } catch (error) {
      if (isUnknown(error)) return 'Lost'
      throw error
    }
    return readStatus(session, signal)
  }

  /** Connects, waits until the connection is lost, and finds out whether its backend has ended. */
  async function connect(session: Session, signal: AbortSignal): Promise<TerminalStatus | undefined> {
    const lost = await openConnection({
      ...options(),
      documentId,
      session,
      signal,
      previous: view.previous(),
      onConnected(connection) {
        connectedAt = clock.now()
        problem = undefined
        const { name, url } = session
        view.show({ phase: 'connected', connection, error: undefined, name, url })
      },
    })
    if (lost.code === 4401) throw new SessionBackendError('unauthenticated', 'Your sign-in has ended.')
    if (lost.code === 4403) throw new SessionBackendError('forbidden', 'You may not open this document.')
    problem = new SessionBackendError('connection_failed', 'There is no connection to the backend.', lost)
    view.forgetUrl()
    show('connecting')
    resetIfHealthy()
    return readStatus(session, signal)
  }

  /** Starts the back-off over if the last connection was healthy. */
  function resetIfHealthy() {
    if (clock.now() - connectedAt >= HEALTHY_AFTER) backoff.reset()
    connectedAt = Number.POSITIVE_INFINITY
  }

  /** Finds out whether a backend has ended, after a wait in which the stream may tell it. */
  async function readStatus(session: Session, signal: AbortSignal): Promise<TerminalStatus | undefined> {
    await sleep(patient, backoff.next(), signal)
    try {
      const { state } = await withDeadline(clock, signal, (signal) =>
        options().statusSource.read({ ...options(), documentId, session, signal }),
      )
      return isTerminal(state) ? state : undefined
    } catch (error) {
      // If the platform says nothing, the app's route will.
      return isUnknown(error) ? 'Lost' : undefined
    }
  }

  /** Waits until a backend that ended may be respawned. */
  async function waitBeforeRespawn(status: TerminalStatus) {
    const reaction = reactionTo(status)
    if (reaction === 'stay ended') throw new SessionBackendError('backend_ended', 'The backend has exited.')
    const wait = budget.nextWait()
    if (wait === undefined) {
      throw new SessionBackendError('crash_loop', `The backend ended too often, the last time as ${status}.`)
    }
    show('requesting')
    if (reaction === 'respawn after a wait') await sleep(patient, wait, signal)
    budget.spend()
  }
}

/** Whether an error says that nobody knows the backend any more. */
function isUnknown(error: unknown): boolean {
  return error instanceof SessionBackendError && (error.status === 404 || error.status === 410)
}
