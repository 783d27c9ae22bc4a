import {
  createBackoff,
  isTerminal,
  type Session,
  SessionBackendError,
  sleep,
  type TerminalStatus,
} from '@session-backend/core'
import { childOf } from './child-of.ts'
import { reactionTo } from './end-of-backend.ts'
import { followStatus, readStatus } from './follow-status.ts'
import { pausedWhileAway } from './presence.ts'
import { isPassing, type RouteRequest, requestSession } from './request-session.ts'
import { createRespawnBudget } from './respawn-budget.ts'
import type { LostReason, StoreOptions } from './session.ts'
import type { SessionView, Step } from './session-view.ts'

/** An answer of the app's route that takes longer is given up, in ms; the route gives its platform 10 s. */
const REQUEST_LIMIT = 30_000
/** A connection that takes longer is given up, in ms. */
const CONNECT_LIMIT = 30_000
/** A connection that lasted this long, in ms, was healthy: the next failure starts the back-off anew. */
const HEALTHY_AFTER = 10_000
/** In s. PROTOCOL.md: "Following a status stream". */
const RETRY_AFTER_MAX = 60

/** What a run works with. */
export interface RunParts<C> {
  documentId: string
  /** Read anew for every request and connection. */
  options: () => StoreOptions<C>
  view: SessionView<C>
  /** Ends the run, and closes everything that it opened. */
  signal: AbortSignal
}

/** How the service of one backend over one connection ended. */
type Outcome = { ended: TerminalStatus } | { lost: LostReason }

/**
 * Keeps one document's session going: asks the app's route for it, follows its status, connects, and starts
 * over when the connection or the backend is lost. Never returns; throws what only the user can mend, and
 * the signal's reason. PROTOCOL.md: "Reaching the backend".
 */
export async function runSession<C>(parts: RunParts<C>, session?: Session): Promise<never> {
  const { documentId, options, view, signal } = parts
  const { clock, random } = options()
  const patient = pausedWhileAway(clock)
  const backoff = createBackoff({ random })
  const budget = createRespawnBudget(clock, random)
  let problem: SessionBackendError | undefined
  let connectedAt = Number.POSITIVE_INFINITY

  while (true) {
    if (session) view.learn(session)
    else {
      session = await persist('requesting', (request) => requestSession(request, 'POST'))
      view.learn(session, session.spawned ? clock.now() : undefined)
    }
    const outcome = await serve(session)
    view.forgetUrl()
    const ended = 'ended' in outcome ? outcome.ended : await endBehind(outcome.lost, session)
    if (ended) await replace(ended)
    session = undefined
  }

  /** Follows a backend and makes one connection to it, until either of them ends. */
  function serve(session: Session): Promise<Outcome> {
    const scope = childOf(signal)
    return new Promise((resolve, reject) => {
      scope.signal.addEventListener('abort', () => reject(signal.reason))
      const settle = (outcome: Outcome) => {
        resolve(outcome)
        scope.abort()
      }
      const refuse = (error: unknown) => {
        reject(error)
        scope.abort()
      }
      let connecting = false
      const onReady = () => {
        if (connecting) return
        connecting = true
        view.step('connecting', problem)
        establish(session, scope.signal, (lost = {}) => settle({ lost })).catch(refuse)
      }

      if (isTerminal(session.status)) return settle({ ended: session.status })
      if (session.status === 'Ready') onReady()
      else view.step('waiting', problem)
      follow()

      async function follow() {
        try {
          for await (const state of followStatus({ ...request(scope.signal), session })) {
            const forward = view.reach(state)
            if (isTerminal(state.state)) return settle({ ended: state.state })
            if (state.state === 'Ready') onReady()
            else if (forward) view.step('waiting', problem)
          }
          if (!connecting) settle({ lost: {} })
        } catch (error) {
          refuse(error)
        }
      }
    })
  }

  async function establish(session: Session, signal: AbortSignal, onLost: (reason?: LostReason) => void) {
    const cancel = clock.after(CONNECT_LIMIT, onLost)
    signal.addEventListener('abort', cancel)
    try {
      const { url } = session
      const previous = view.previous()
      const connection = await options().connect({ url, documentId, session, signal, onLost, previous })
      if (signal.aborted) return
      connectedAt = clock.now()
      problem = undefined
      view.connected(connection, session)
    } catch (error) {
      if (error instanceof SessionBackendError && !isPassing(error)) throw error
      onLost({ reason: String(error) })
    } finally {
      cancel()
    }
  }

  /** A connection is lost: finds out whether its backend has ended. */
  async function endBehind(lost: LostReason, session: Session): Promise<TerminalStatus | undefined> {
    if (lost.code === 4401) throw new SessionBackendError('unauthenticated', 'Your sign-in has ended.')
    if (lost.code === 4403) throw new SessionBackendError('forbidden', 'You may not open this document.')
    problem = new SessionBackendError('connection_failed', 'The connection is lost.', { cause: lost })
    view.step('connecting', problem)
    if (clock.now() - connectedAt >= HEALTHY_AFTER) backoff.reset()
    await sleep(patient, backoff.next(), signal)
    const status = await persist('connecting', (request) => readStatus({ ...request, session }))
    if (!isTerminal(status)) return undefined
    view.reach({ state: status, time: new Date(clock.now()).toISOString() })
    return status
  }

  /** Waits until a backend that ended may be replaced. */
  async function replace(status: TerminalStatus) {
    const reaction = reactionTo(status)
    if (reaction === 'stay ended') throw new SessionBackendError('backend_ended', 'The backend has exited.')
    const wait = budget.spend()
    if (wait === undefined) {
      throw new SessionBackendError('crash_loop', `The backend ended too often, last as ${status}.`)
    }
    view.step('requesting', problem)
    if (reaction === 'replace after a wait') await sleep(patient, wait, signal)
  }

  /** Works until it succeeds, or fails in a way that another attempt doesn't mend. */
  async function persist<T>(
    phase: Step,
    work: (request: RouteRequest & StoreOptions<C>) => Promise<T>,
  ): Promise<T> {
    while (true) {
      const attempt = childOf(signal)
      const cancel = clock.after(REQUEST_LIMIT, () => attempt.abort())
      try {
        return await work(request(attempt.signal))
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error
        problem = error
        view.step(phase, error)
        const asked = Math.min(error.retryAfter ?? 0, RETRY_AFTER_MAX) * 1000
        await sleep(patient, Math.max(asked, backoff.next()), signal)
      } finally {
        cancel()
        attempt.abort()
      }
    }
  }

  function request(signal: AbortSignal) {
    return { ...options(), documentId, signal }
  }
}
