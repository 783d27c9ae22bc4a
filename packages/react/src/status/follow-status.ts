import type { ReachedStatus } from '@session-backend/core'
import {
  addStatus,
  childOf,
  createBackoff,
  isForward,
  isTerminal,
  pause,
  SessionBackendError,
} from '@session-backend/core/internal'
import { watchStatusStream } from '@session-backend/core/stream'
import { withDeadline } from '../route/with-deadline.ts'
import type { StatusReading, StatusRequest, StatusSource } from './source.ts'
import { takeStreamSlot } from './stream-slots.ts'

/** A stream is closed if its first event takes longer than this, in ms. Servers send the history at once. */
const FIRST_EVENT_LIMIT = 6000

/** The HTTP statuses after which the status is not read again. */
const REFUSALS = [401, 403, 404, 410]

/**
 * Follows a backend's status until it is terminal: by the source's stream, if one is free and works, and
 * otherwise by reading the status again and again. PROTOCOL.md: "Following a status stream".
 *
 * @param onProblem Called with what keeps the status from being learned.
 */
export async function* followStatus(
  source: StatusSource,
  request: StatusRequest,
  onProblem: (problem: SessionBackendError) => void,
): AsyncGenerator<StatusReading, void, void> {
  const { session, signal, clock, random } = request
  const calm = createBackoff({ max: 2000, random })
  const failures = createBackoff({ initial: 2000, random })
  let canStream = Boolean(source.follow)
  let statuses: ReachedStatus[] = []

  while (true) {
    const scope = childOf(signal)
    try {
      if (canStream && (await takeStreamSlot(scope.signal))) {
        for await (const reading of stream(source, { ...request, signal: scope.signal }, scope)) {
          yield* step(reading)
        }
        return
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (!isUseless(error)) throw error
      // Another attempt would not help.
      canStream = false
      onProblem(error)
      // The one server has both: the stream, and the status that is read instead.
      if (error.retryAfter) await pause(clock, failures, error.retryAfter, signal)
    } finally {
      scope.abort()
    }
    let pace = calm
    let retryAfter: number | undefined
    try {
      const reading = await withDeadline(clock.steady ?? clock, signal, (signal) =>
        source.read({ ...request, signal }),
      )
      yield* step(reading)
      if (isTerminal(reading.state)) return
    } catch (error) {
      if (!(error instanceof SessionBackendError) || REFUSALS.includes(error.status)) throw error
      onProblem(error)
      pace = failures
      retryAfter = error.retryAfter
    }
    await pause(clock, pace, retryAfter, signal)
  }

  /** Yields a reading with how the backend got there, if it is a step forward. */
  function* step({ state, time = new Date(clock.now()).toISOString(), timeline }: StatusReading) {
    if (!isForward(statuses.at(-1)?.state, state)) return
    statuses = addStatus(statuses, { state, time })
    yield { state, timeline: timeline ?? { backend: session.name, statuses } }
  }
}

/**
 * Follows a stream. Throws `bad_stream` if it brings nothing, because it is blocked or held back, for
 * example.
 */
async function* stream(source: StatusSource, request: StatusRequest, scope: AbortController) {
  const { signal, clock } = request
  let cause: unknown
  const cancel = (clock.steady ?? clock).after(FIRST_EVENT_LIMIT, () =>
    scope.abort(
      new SessionBackendError(
        'bad_stream',
        `The status stream sent no event within ${FIRST_EVENT_LIMIT / 1000} s. The status is polled instead.`,
        {
          cause,
          retryAfter: cause instanceof SessionBackendError ? cause.retryAfter : undefined,
        },
      ),
    ),
  )
  signal.addEventListener('abort', cancel)
  const onProblem = (problem: unknown) => {
    cause = problem
  }
  for await (const update of source.follow?.({ ...request, onProblem }, watchStatusStream) ?? []) {
    cancel()
    yield update
  }
}

function isUseless(error: unknown): error is SessionBackendError {
  return error instanceof SessionBackendError && error.code === 'bad_stream'
}
