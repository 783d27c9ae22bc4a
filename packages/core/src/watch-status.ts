import { createBackoff } from './backoff.ts'
import { type Clock, sleep, systemClock } from './clock.ts'
import { SessionBackendError } from './errors.ts'
import type { ServerSentEvent } from './sse.ts'
import { type BackendStatus, isForward, isTerminal } from './status.ts'
import { createStatusStream } from './status-stream.ts'
import type { BackendState } from './wire.ts'

/** Options of {@link watchStatus}. */
export interface WatchStatusOptions {
  /** Ends the watch: the iteration then throws the signal's reason. */
  signal?: AbortSignal | undefined
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /** Sent with every request. */
  headers?: HeadersInit | undefined
  /** Whether cookies go to another origin too. Default: fetch's own, `same-origin`. */
  credentials?: RequestCredentials | undefined
  /** Told of the events that have a name, such as the relay's timeline: they are no statuses. */
  onEvent?: ((event: ServerSentEvent) => void) | undefined
  /** Told of each lost connection, and once when the stream sends something that is not a known status. */
  onProblem?: ((problem: unknown) => void) | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
  /** Random numbers from 0 up to 1, for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** A stream that lasted this long, in ms, was healthy: the next failure starts the back-off anew. */
const HEALTHY_AFTER = 10_000
const RETRY_AFTER_MAX = 60_000
/** Errors of ours that another attempt can mend; an error of another kind is a lost connection. */
const PASSING: readonly string[] = ['platform_error', 'platform_timeout', 'payload_too_large']

/**
 * Follows a backend's status until it is terminal: every step forward once, in order, however often the
 * stream is cut, replayed or silent. PROTOCOL.md: "Following a status stream".
 *
 * Leaving the loop closes the connection; to end the watch while it waits, abort `signal`. A server that
 * answers 204 has no more to say: the iteration then ends, perhaps without a terminal status.
 *
 * @param url A status stream; or a `status_url`, which answers with one status as JSON, and whose stream
 * at `${url}/stream` is then followed.
 * @throws SessionBackendError `invalid_option` where `url` is none; `unauthenticated`, `forbidden`,
 * `not_found` or `gone` when the server says so; `bad_stream` for another content type, another refusal or a
 * redirect to another origin. Everything else is retried with a jittered exponential back-off, without an
 * attempt limit.
 */
export async function* watchStatus(
  url: string,
  options: WatchStatusOptions = {},
): AsyncGenerator<BackendState, void, void> {
  const { signal, clock = systemClock, random = Math.random } = options
  const backoff = createBackoff({ random })
  const stream = createStatusStream(url, options, clock, backoff.startAt)
  let current: BackendStatus | undefined

  while (true) {
    if (signal?.aborted) throw signal.reason
    let wait = 0
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
        wait = (error.retryAfter ?? 0) * 1000
      }
      options.onProblem?.(error)
    }
    if (stream.age() >= HEALTHY_AFTER) backoff.reset()
    await sleep(clock, Math.max(Math.min(wait, RETRY_AFTER_MAX), backoff.next()), signal)
  }
}
