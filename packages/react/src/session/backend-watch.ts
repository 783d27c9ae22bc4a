import type { BackendStatus, Clock, Session, Timeline } from '@session-backend/core'
import { isTerminal, SessionBackendError } from '@session-backend/core/internal'
import { withDeadline } from '../route/with-deadline.ts'
import type { StatusRequest } from '../status/source.ts'
import type { StoreOptions } from './options.ts'

/** How long loading the code that follows a status may take, in ms. */
const LOAD_LIMIT = 6000
/** How often the status is read while that code can't be loaded, in ms. */
const POLL_INTERVAL = 2000
/** For how long the end of a backend that closed all its connections is awaited, in ms. */
const END_LIMIT = 2000
/** The same if it said that it is stopping: the platform kills it after 10 s. */
const STOP_LIMIT = 12_000

/** What is needed to follow the statuses of a document's backends. */
export interface WatchParts {
  documentId: string
  clock: Clock
  /** Stands still while the page is hidden. */
  patient: Clock
  random: () => number
  /** Read again for every request. */
  options: () => StoreOptions<unknown>
  /** Called with each status. Returns whether it is a step forward. */
  setStatus(status: BackendStatus, timeline?: Timeline): boolean
  /** Waits before reading the status of a backend whose stream has ended. */
  afterStream(ms?: number): Promise<void>
}

/** How a run learns the status of its backend. */
export interface BackendWatch {
  /** Reads the status. Resolves to `undefined` if that fails. */
  read(session: Session, signal: AbortSignal): Promise<BackendStatus | undefined>
  /**
   * Follows a backend that closed all its connections until it has ended: for 2 s at most, or for 12 s if it
   * said that it is stopping. Resolves to its last status, if that is known.
   */
  awaitEnd(session: Session, signal: AbortSignal, isStopping: boolean): Promise<BackendStatus | undefined>
  /**
   * Follows the backend until it or its stream has ended. Resolves to the backend's last status, or to
   * `undefined` if that can't be read.
   *
   * @param onStep Called after each step, and with each problem. If given, `Ready` ends the following too.
   */
  follow(
    session: Session,
    signal: AbortSignal,
    onStep?: (problem?: SessionBackendError) => void,
  ): Promise<BackendStatus | undefined>
}

export function createBackendWatch(parts: WatchParts): BackendWatch {
  const { documentId, clock, patient, random, options, setStatus, afterStream } = parts

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

  async function read(session: Session, signal: AbortSignal) {
    try {
      const { state } = await withDeadline(clock, signal, (signal) =>
        options().statusSource.read(requestOf(session, signal)),
      )
      return state
    } catch (error) {
      return isUnknown(error) ? 'Lost' : undefined
    }
  }

  /**
   * Resolves to `undefined` if loading fails: the browser may be offline, or the app may have been deployed
   * again.
   */
  function load(signal: AbortSignal, onProblem: (problem: SessionBackendError) => void) {
    return withDeadline(clock, signal, () => import('../status/following.ts'), LOAD_LIMIT).catch((cause) => {
      if (signal.aborted) throw cause
      const message = 'The code for status streams could not be loaded. The status is polled instead.'
      onProblem(new SessionBackendError('bad_stream', message, { cause }))
    })
  }

  async function follow(
    session: Session,
    signal: AbortSignal,
    onStep?: (problem?: SessionBackendError) => void,
  ) {
    const isEnd = (status: BackendStatus) => isTerminal(status) || (onStep && status === 'Ready')
    const onProblem = (problem: SessionBackendError) => onStep?.(problem)
    let status: BackendStatus | undefined
    while (true) {
      const following = await load(signal, onProblem)
      try {
        const steps = following?.followStatus(options().statusSource, requestOf(session, signal), onProblem)
        for await (const { state, timeline } of steps ?? []) {
          if (signal.aborted) throw signal.reason
          const isForward = setStatus(state, timeline)
          if (isEnd(state)) return state
          if (isForward) onStep?.()
        }
      } catch (error) {
        if (isUnknown(error)) return 'Lost'
        throw error
      }
      await afterStream(status && POLL_INTERVAL)
      status = await read(session, signal)
      if (status) setStatus(status)
      if (following || (status && isEnd(status))) return status
    }
  }

  return {
    read,
    follow,
    // If it takes longer, or nobody knows, the app's route will tell.
    awaitEnd: (session, signal, isStopping) =>
      withDeadline(
        clock,
        signal,
        (signal) => follow(session, signal),
        isStopping ? STOP_LIMIT : END_LIMIT,
      ).catch(() => undefined),
  }
}

/** Whether an error says that the backend no longer exists. */
function isUnknown(error: unknown): boolean {
  return error instanceof SessionBackendError && (error.status === 404 || error.status === 410)
}
