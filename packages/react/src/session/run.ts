import type { BackendStatus, Clock, Session } from '@session-backend/core'
import { childOf, isTerminal, parseComeBack, SessionBackendError } from '@session-backend/core/internal'
import { type Loss, openConnection } from '../connection/open-connection.ts'
import { pausedWhileAway } from '../connection/presence.ts'
import { isTemporary, requestSession } from '../route/request-session.ts'
import { withDeadline } from '../route/with-deadline.ts'
import { createBackendWatch } from './backend-watch.ts'
import { errorOfClose, isClosedForAll } from './close-codes.ts'
import { isHandOver } from './end-of-backend.ts'
import type { StoreOptions } from './options.ts'
import { createPace } from './pace.ts'
import type { OpeningPhase, SessionView } from './view.ts'

/** For how long a session's URL is used, in ms. PROTOCOL.md: "Reaching the backend". */
const FRESH = 30_000
/** The close code of a user who is not known. */
const UNAUTHENTICATED = 4401

/** Options of a run. */
export interface RunParts<C> {
  documentId: string
  clock: Clock
  random: () => number
  /** Read again for every request and connection. */
  options: () => StoreOptions<C>
  /** The `onMessage` of each component. */
  listeners: () => readonly unknown[]
  view: SessionView<C>
  /** Resolves when there is somebody to connect for. */
  subscribed: () => Promise<void>
  /** Aborts when the session is closed. */
  closed: AbortSignal
  /** Ends the run, and closes everything that it opened. */
  signal: AbortSignal
}

/**
 * Keeps one document's session going: requests it from the app's route, follows its status until it is Ready,
 * connects, and starts over when the connection or the backend is lost. Never returns; throws what only the
 * user can fix, and the signal's reason. PROTOCOL.md: "Reaching the backend".
 */
export async function runSession<C>(parts: RunParts<C>, session?: Session): Promise<never> {
  const { documentId, clock, random, options, listeners, view, subscribed, closed, signal } = parts
  const patient = pausedWhileAway(clock)
  const pace = createPace(clock, patient, random, signal)
  const { afterStream } = pace
  const { setStatus } = view
  const watch = createBackendWatch({ documentId, clock, patient, random, options, setStatus, afterStream })
  /** The reason for the last lost connection. */
  let problem: SessionBackendError | undefined
  /** The session of a backend that has told its pages to come back. */
  let announced: Session | undefined
  /** Whether the next spawn is paid: the first one is free. */
  let isPaid = true
  /** Whether the session came with the page: it may be older than it seems. */
  let isGiven = session !== undefined
  /** When the route answered, in ms since the epoch. */
  let answeredAt = clock.now()

  while (true) {
    session ??= await request()
    if (session.spawned && !isPaid && !(await wasHandedOver())) pace.payRespawn()
    isPaid = false
    view.setSession(session)
    const status = isTerminal(session.status) ? session.status : await serve(session)
    view.forgetUrl()
    if (status && isTerminal(status)) {
      view.setStatus(status)
      await pace.beforeRespawn(status, session.name === announced?.name, () => show('requesting'))
      isPaid = true
    }
    session = undefined
    isGiven = false
  }

  /** Shows a phase, unless the run has ended. */
  function show(phase: OpeningPhase, error = problem) {
    if (signal.aborted) throw signal.reason
    view.showOpening(phase, error)
  }

  /** Whether the backend before this one ended as it had told its pages, although that was noticed late. */
  async function wasHandedOver(): Promise<boolean> {
    return announced !== undefined && isHandOver(await watch.read(announced, signal))
  }

  /** Asks the app's route, until it answers or refuses. */
  async function request(): Promise<Session> {
    show('requesting')
    while (true) {
      try {
        const answer = await withDeadline(clock, signal, (signal) =>
          requestSession({ ...options(), documentId, signal }, 'POST'),
        )
        answeredAt = clock.now()
        return answer
      } catch (error) {
        if (!isTemporary(error)) throw error
        show('requesting', error)
        await pace.afterError(error.retryAfter)
      }
    }
  }

  /**
   * Waits for a backend and makes one connection to it: until the backend ends, or the connection is lost.
   */
  async function serve(session: Session): Promise<BackendStatus | undefined> {
    const scope = childOf(signal)
    try {
      if (session.status !== 'Ready') {
        show('waiting')
        const status = await watch.follow(session, scope.signal, (error) => show('waiting', error))
        if (status !== 'Ready') return status
      }
      show('connecting')
      await subscribed()
      // The clock, and no timer: timers stand still while the device sleeps.
      if (Math.abs(clock.now() - answeredAt) > FRESH) return undefined
      return await connect(session, scope.signal)
    } finally {
      scope.abort()
    }
  }

  /** Connects, waits until the connection is lost, and finds out whether its backend has ended. */
  async function connect(session: Session, signal: AbortSignal): Promise<BackendStatus | undefined> {
    const { connect, endpoint } = options()
    const loss = await openConnection<C>({
      connect,
      clock,
      documentId,
      endpoint,
      session,
      closed,
      signal,
      // The hook's types make sure that they fit the connection.
      listeners: listeners as () => readonly never[],
      onUnsaved: view.setUnsaved,
      previous: view.previous(),
      onConnected(connection, signal) {
        problem = announced = undefined
        pace.connected(signal)
        const { name, url } = session
        view.show({ phase: 'connected', connection, error: undefined, name, url })
      },
      followBackend: (signal) => watch.follow(session, signal),
    })
    return loss.ended ?? recover(session, signal, loss)
  }

  /** Finds out, after a wait, whether the backend of a lost connection has ended. */
  async function recover(session: Session, signal: AbortSignal, loss: Loss) {
    // The URL may have been out of date, so the route is asked.
    if (isGiven && loss.code === UNAUTHENTICATED) return undefined
    const stop = errorOfClose(loss.code)
    if (stop) throw stop
    problem = new SessionBackendError(
      'connection_failed',
      "Could not connect to this document's server.",
      loss,
    )
    view.forgetUrl()
    show('connecting')
    const isForAll = isClosedForAll(loss.code)
    if (isForAll) announced = session
    await pace.afterLoss(loss)
    const askedAt = clock.now()
    const status = await watch.read(session, signal)
    if (status && isTerminal(status)) return status
    const answeredIn = status && clock.now() - askedAt
    if (status && isForAll) {
      const end = await watch.awaitEnd(session, signal, parseComeBack(loss.reason) !== undefined)
      if (end && isTerminal(end)) {
        pace.atOneMoment()
        return end
      }
    }
    // A platform that doesn't answer has failed for everybody; the app's route will tell.
    await pace.spread(answeredIn)
    return status
  }
}
