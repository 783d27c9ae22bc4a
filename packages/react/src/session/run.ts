import {
  type BackendStatus,
  type Clock,
  isTerminal,
  type Session,
  SessionBackendError,
  type TerminalStatus,
} from '@session-backend/core'
import { childOf, createBackoff, sleep } from '@session-backend/core/internal'
import { type Loss, openConnection } from '../connection/open-connection.ts'
import { pausedWhileAway } from '../connection/presence.ts'
import { isTemporary, requestSession } from '../route/request-session.ts'
import { withDeadline } from '../route/with-deadline.ts'
import { followStatus } from '../status/follow-status.ts'
import type { StatusRequest } from '../status/source.ts'
import { errorOfClose, isBusy, isClosedForAll } from './close-codes.ts'
import { reactionTo } from './end-of-backend.ts'
import type { StoreOptions } from './options.ts'
import { createRespawnBudget } from './respawn-budget.ts'
import type { OpeningPhase, SessionView } from './view.ts'

/** A connection that lasted this long, in ms, was healthy: the next failure starts the back-off over. */
const HEALTHY_AFTER = 10_000
/** A connection that was lost alone is attempted again within this time, in ms. */
const FIRST_ATTEMPT = 100
/** What may be lost by everybody at once is attempted again within this time, in ms: 2,000 pages stay below 200 in 100 ms. */
const SPREAD = 2000

/** A server that asks to wait longer, in ms, is asked again after this time. */
const RETRY_AFTER_LIMIT = 60_000

/** What a run works with. */
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
  /** Ends the run, and closes everything that it opened. */
  signal: AbortSignal
}

/**
 * Keeps one document's session going: requests it from the app's route, follows its status until it is Ready, connects,
 * and starts over when the connection or the backend is lost. Never returns; throws what only the user can fix, and
 * the signal's reason. PROTOCOL.md: "Reaching the backend".
 */
export async function runSession<C>(parts: RunParts<C>, session?: Session): Promise<never> {
  const { documentId, clock, random, options, listeners, view, subscribed, signal } = parts
  const patient = pausedWhileAway(clock)
  const backoff = createBackoff({ random })
  const budget = createRespawnBudget(clock, random, signal)
  /** Why there is no connection, once one was lost. */
  let problem: SessionBackendError | undefined
  /** Whether the next spawn is paid: the first one is free. */
  let isPaid = true
  /** Whether the next lost connection is attempted again almost at once. */
  let isRested = true
  /** Whether everybody may have lost the same backend, and the next step has not been spread yet. */
  let mayBeMany = false
  /** Whether the backend has told all pages to come back. */
  let isHandOver = false

  while (true) {
    session ??= await request()
    if (session.spawned && !isPaid) payRespawn()
    isPaid = false
    view.setSession(session)
    const ended = isTerminal(session.status) ? session.status : await serve(session)
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

  async function wait(ms: number) {
    if (ms > 0) await sleep(patient, ms, signal)
  }

  /** Spreads what many pages do at the same moment. */
  function spread(): number {
    const ms = mayBeMany ? random() * SPREAD : 0
    mayBeMany = false
    return ms
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
        const { retryAfter = 0 } = error
        // The server's own wait is not cut short when the page is shown again.
        if (retryAfter) await sleep(clock, Math.min(retryAfter * 1000, RETRY_AFTER_LIMIT), signal)
        await wait(backoff.next())
      }
    }
  }

  /** Waits for a backend and makes one connection to it: until the backend ends, or the connection is lost. */
  async function serve(session: Session): Promise<TerminalStatus | undefined> {
    const scope = childOf(signal)
    try {
      if (session.status !== 'Ready') {
        show('waiting')
        const status = await follow(session, scope.signal, 'Ready')
        if (status !== 'Ready') return status
      }
      show('connecting')
      await subscribed()
      return await connect(session, scope.signal)
    } finally {
      scope.abort()
    }
  }

  /** Follows a backend until it has a status or has ended; `undefined` if there is no more to learn. */
  async function follow(
    session: Session,
    signal: AbortSignal,
    end?: 'Ready',
  ): Promise<TerminalStatus | 'Ready' | undefined> {
    try {
      const onProblem = (error: SessionBackendError) => end && show('waiting', error)
      const { statusSource } = options()
      for await (const { status, timeline } of followStatus(
        statusSource,
        requestOf(session, signal),
        onProblem,
      )) {
        if (signal.aborted) throw signal.reason
        const forward = view.setStatus(status, timeline)
        if (isTerminal(status)) return status
        if (status === end) return end
        if (end && forward) show('waiting')
      }
    } catch (error) {
      if (isUnknown(error)) return 'Lost'
      throw error
    }
    await wait(backoff.next())
    const status = await readStatus(session, signal)
    return status && isTerminal(status) ? status : undefined
  }

  /** Connects, waits until the connection is lost, and finds out whether its backend has ended. */
  function connect(session: Session, signal: AbortSignal): Promise<TerminalStatus | undefined> {
    return new Promise((resolve, reject) => {
      const connection = childOf(signal)
      let wasConnected = false
      openConnection<C>({
        connect: options().connect,
        clock,
        documentId,
        session,
        signal: connection.signal,
        // They fit the connection by the types of the hook.
        listeners: listeners as () => readonly never[],
        previous: view.previous(),
        onConnected(made, isFollowed) {
          wasConnected = true
          problem = undefined
          budget.connected()
          sleep(clock, HEALTHY_AFTER, connection.signal).then(
            () => {
              backoff.reset()
              isRested = true
            },
            () => {},
          )
          const { name, url } = session
          view.show({ phase: 'connected', connection: made, error: undefined, name, url })
          // A stream that has no more to say ends nothing while there is a connection.
          if (isFollowed)
            follow(session, signal).then((status) => status && isTerminal(status) && resolve(status), reject)
        },
      })
        .then((loss) => {
          connection.abort()
          return recover(session, signal, loss, wasConnected)
        })
        .then(resolve, reject)
    })
  }

  /** Finds out, after a wait, whether the backend of a lost connection has ended. */
  async function recover(session: Session, signal: AbortSignal, loss: Loss, wasConnected: boolean) {
    const { code } = loss
    const stop = errorOfClose(code)
    if (stop) throw stop
    problem = new SessionBackendError('connection_failed', 'There is no connection to the backend.', loss)
    view.forgetUrl()
    show('connecting')
    isHandOver = isClosedForAll(code)
    mayBeMany = wasConnected
    if (isHandOver) await wait(spread())
    else if (wasConnected && isRested && !isBusy(code)) await wait(random() * FIRST_ATTEMPT)
    else await wait(backoff.next(isBusy(code) ? 1 : 0))
    isRested = false
    const status = await readStatus(session, signal)
    if (status && isTerminal(status)) return status
    // A platform that doesn't answer has failed for everybody; the app's route will tell.
    if (!status) await wait(spread())
    return undefined
  }

  /** Reads a backend's status; `undefined` if nothing can be learned. */
  async function readStatus(session: Session, signal: AbortSignal): Promise<BackendStatus | undefined> {
    try {
      const { state } = await withDeadline(clock, signal, (signal) =>
        options().statusSource.read(requestOf(session, signal)),
      )
      return state
    } catch (error) {
      return isUnknown(error) ? 'Lost' : undefined
    }
  }

  function requestOf(session: Session, signal: AbortSignal): StatusRequest {
    return {
      ...options(),
      documentId,
      session,
      signal,
      clock: patient,
      random,
      /** Read again for each request. */
      headers() {
        const { headers = {} } = options()
        return typeof headers === 'function' ? headers() : headers
      },
    }
  }

  /** Waits until a backend that ended may be respawned. */
  async function waitBeforeRespawn(status: TerminalStatus) {
    const reaction = reactionTo(status)
    if (reaction === 'stay ended') throw new SessionBackendError('backend_ended', 'The backend has exited.')
    const atOnce = reaction === 'respawn at once' || (isHandOver && status === 'Terminated')
    const ms = payRespawn()
    show('requesting')
    isHandOver = false
    await wait((atOnce ? 0 : ms) + spread())
    isPaid = true
  }

  /** Returns how long to wait before the respawn, in ms. */
  function payRespawn(): number {
    const ms = budget.payRespawn()
    if (ms !== undefined) return ms
    throw new SessionBackendError('crash_loop', "This document's server keeps crashing.")
  }
}

/** Whether an error says that nobody knows the backend any more. */
function isUnknown(error: unknown): boolean {
  return error instanceof SessionBackendError && (error.status === 404 || error.status === 410)
}
