import { createBackoff, pause } from './backoff.ts'
import { type Clock, systemClock } from './clock.ts'
import { SessionBackendError } from './errors.ts'
import { type BackendStatus, isForward, isTerminal } from './status.ts'
import { createStatusStream, type StatusStreamOptions, type StreamLocation } from './status-stream.ts'
import type { BackendState } from './wire.ts'

/** Options of {@link watchStatus}. */
export interface WatchStatusOptions extends StatusStreamOptions {
  /** Ends the watch. The iteration then throws the signal's reason. */
  signal?: AbortSignal | undefined
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** Sent with every request. */
  headers?: HeadersInit | undefined
  /** As in `fetch`: `include` sends cookies to another origin too. Default `same-origin`. */
  credentials?: RequestCredentials | undefined
  /** Called with each event that has a name, such as the relay's timeline. Such events are not statuses. */
  onEvent?: StatusStreamOptions['onEvent']
  /** Called with each lost connection, and once if the stream sends something that is not a known status. */
  onProblem?: ((problem: unknown) => void) | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
  /** Random numbers from 0 up to 1, for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** A stream that lasted this long, in ms, was healthy: the next failure starts the back-off again. */
const HEALTHY_AFTER = 10_000
/** Our errors that another attempt can fix; an error of another kind is a lost connection. */
const PASSING: readonly string[] = ['platform_error', 'platform_timeout', 'payload_too_large']

/** Like `watchStatus`, for the address of a stream. Ends at an answer of 204. */
export async function* watchStatusStream(
  url: string,
  options: WatchStatusOptions & StreamLocation = {},
): AsyncGenerator<BackendState, void, void> {
  const { signal, clock = systemClock, random } = options
  const backoff = createBackoff({ random })
  const stream = createStatusStream(url, options, clock, backoff.startAt)
  let current: BackendStatus | undefined

  while (true) {
    if (signal?.aborted) throw signal.reason
    let retryAfter: number | undefined
    try {
      for await (const next of stream.connect()) {
        if (signal?.aborted) throw signal.reason
        if (!isForward(current, next.state)) continue
        current = next.state
        yield next
        if (isTerminal(current)) return
      }
      return
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (error instanceof SessionBackendError) {
        if (!PASSING.includes(error.code)) throw error
        retryAfter = error.retryAfter
      }
      options.onProblem?.(error)
    }
    if (stream.age() >= HEALTHY_AFTER) backoff.reset()
    await pause(clock, backoff, retryAfter, signal)
  }
}
