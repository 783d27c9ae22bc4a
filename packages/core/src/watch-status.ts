import { createBackoff } from './backoff.ts'
import { readText } from './body.ts'
import { type Clock, sleep, systemClock } from './clock.ts'
import { SessionBackendError } from './errors.ts'
import { readEvents } from './sse.ts'
import { type BackendStatus, isForward, isTerminal } from './status.ts'
import { type BackendState, parseJson, parseRetryAfter, parseState } from './wire.ts'

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
  /** Told once when the stream sends something that is not a known status, and of lost connections. */
  onProblem?: ((problem: unknown) => void) | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
  /** Random numbers from 0 up to 1, for the jitter. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** A stream silent for this long, in ms, is given up: servers send a heartbeat every 15 s. */
const SILENCE_LIMIT = 45_000
/** A stream that lasted this long, in ms, was healthy: the next failure starts the back-off anew. */
const HEALTHY_AFTER = 10_000
const RETRY_RANGE = { min: 500, max: 30_000 }
const RETRY_AFTER_MAX = 60_000
const MAX_BODY = 64 * 1024

/**
 * Follows a backend's status until it is terminal: every step forward once, in order, however often the
 * stream is cut, replayed or silent. PROTOCOL.md: "Following a status stream".
 *
 * @param url A status stream; or a `status_url`, which answers with one status as JSON, and whose stream
 * is then followed at `${url}/stream`.
 * @throws SessionBackendError `unauthenticated`, `forbidden`, `not_found` or `gone` when the server says
 * so, `bad_stream` for another content type or a redirect to another origin. Everything else is retried
 * with a jittered exponential back-off, without an attempt limit.
 */
export async function* watchStatus(
  url: string,
  options: WatchStatusOptions = {},
): AsyncGenerator<BackendState, void, void> {
  const { signal, clock = systemClock } = options
  const backoff = createBackoff({ random: options.random ?? Math.random })
  const stream = new StatusStream(url, options, clock, (ms) => {
    backoff.reset(Math.min(Math.max(ms, RETRY_RANGE.min), RETRY_RANGE.max))
  })
  let current: BackendStatus | undefined

  while (true) {
    if (signal?.aborted) throw signal.reason
    let wait = 0
    try {
      for await (const next of stream.open()) {
        if (!isForward(current, next.state)) continue
        current = next.state
        yield next
        if (isTerminal(current)) return
      }
      if (stream.ending === 'finished') return
      if (stream.ending === 'moved') continue
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (isFinal(error)) throw error
      options.onProblem?.(error)
      if (error instanceof SessionBackendError)
        wait = Math.min((error.retryAfter ?? 0) * 1000, RETRY_AFTER_MAX)
    }
    if (clock.now() - stream.openedAt >= HEALTHY_AFTER) backoff.reset()
    await sleep(clock, Math.max(wait, backoff.next()), signal)
  }
}

/** The requests of one watch: each {@link open} is one connection, and remembers where the last one got to. */
class StatusStream {
  /** How the last connection ended: cut off, with nothing to wait for, or with another address to ask. */
  ending: 'cut' | 'finished' | 'moved' = 'cut'
  /** When the server last accepted a connection, in ms; infinite while it has not. */
  openedAt = Number.POSITIVE_INFINITY
  #url: string
  #lastEventId: string | undefined
  #reported = false

  constructor(
    url: string,
    private readonly options: WatchStatusOptions,
    private readonly clock: Clock,
    private readonly onRetry: (ms: number) => void,
  ) {
    this.#url = url
  }

  async *open(): AsyncGenerator<BackendState, void, void> {
    const { signal } = this.options
    const connection = new AbortController()
    const abort = () => connection.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    const silence = this.#silenceTimer(connection)
    this.ending = 'cut'
    this.openedAt = Number.POSITIVE_INFINITY
    try {
      silence.restart()
      const response = await this.#request(this.#url, 'text/event-stream', connection.signal)
      this.openedAt = this.clock.now()
      if (response.status === 204) {
        const statusUrl = this.#url.replace(/\/stream$/, '')
        yield* this.#readOnce(await this.#request(statusUrl, 'application/json', connection.signal))
        this.ending = 'finished'
      } else if (hasType(response, 'application/json')) {
        yield* this.#readOnce(response)
        this.#url += '/stream'
        this.ending = 'moved'
      } else {
        yield* this.#readStream(response, silence)
      }
    } finally {
      silence.stop()
      signal?.removeEventListener('abort', abort)
      connection.abort()
    }
  }

  async *#readStream(response: Response, silence: { restart(): void; stop(): void }) {
    if (!hasType(response, 'text/event-stream') || response.body === null) {
      throw new SessionBackendError(
        'bad_stream',
        'The address of the status stream answers with something else.',
      )
    }
    const events = readEvents(response.body, { onActivity: silence.restart, onRetry: this.onRetry })
    for await (const event of events) {
      if (event.id !== undefined) this.#lastEventId = event.id
      const state = parseState(parseJson(event.data))
      if (state === undefined) {
        this.#report()
        continue
      }
      // Time that the consumer takes is not silence of the server.
      silence.stop()
      yield state
      silence.restart()
    }
  }

  async *#readOnce(response: Response) {
    const state = hasType(response, 'application/json')
      ? parseState(parseJson(await readText(response.body, MAX_BODY)))
      : undefined
    if (state === undefined) {
      throw new SessionBackendError(
        'bad_stream',
        "The address of the backend's status answers with something else.",
      )
    }
    yield state
  }

  async #request(url: string, accept: string, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(this.options.headers)
    headers.set('accept', accept)
    if (this.#lastEventId !== undefined) headers.set('last-event-id', this.#lastEventId)
    const fetch = this.options.fetch ?? globalThis.fetch
    const { credentials } = this.options
    const response = await fetch(url, {
      headers,
      signal,
      cache: 'no-store',
      ...(credentials && { credentials }),
    })
    if (response.ok && !leftOrigin(url, response)) return response
    await response.body?.cancel().catch(() => {})
    throw errorOf(response, this.clock.now())
  }

  /** Gives up a connection on which nothing arrives, not even a comment. */
  #silenceTimer(connection: AbortController) {
    let cancel = () => {}
    const stop = () => cancel()
    const restart = () => {
      cancel()
      cancel = this.clock.after(SILENCE_LIMIT, () => {
        connection.abort(
          new SessionBackendError('platform_timeout', 'The status stream was silent for 45 s.'),
        )
      })
    }
    return { restart, stop }
  }

  #report() {
    if (this.#reported) return
    this.#reported = true
    this.options.onProblem?.(
      new SessionBackendError('bad_stream', 'The stream sent something that is not a known status.'),
    )
  }
}

function hasType(response: Response, type: string): boolean {
  return response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === type
}

function leftOrigin(url: string, response: Response): boolean {
  const base = typeof location === 'undefined' ? undefined : location.href
  return response.redirected && new URL(url, base).origin !== new URL(response.url).origin
}

function errorOf(response: Response, now: number): SessionBackendError {
  const { status } = response
  if (response.ok)
    return new SessionBackendError('bad_stream', 'The status stream redirects to another origin.')
  if (status === 401)
    return new SessionBackendError('unauthenticated', 'The status stream asks for a sign-in.')
  if (status === 403)
    return new SessionBackendError('forbidden', 'The status stream is not open to this user.')
  if (status === 404)
    return new SessionBackendError('not_found', 'There is no such backend: request the session again.')
  if (status === 410)
    return new SessionBackendError('gone', 'The backend is gone: request the session again.')
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'), now)
  if (status === 429)
    return new SessionBackendError('platform_busy', 'The status stream is busy.', { retryAfter })
  if (status === 408 || status === 425 || status >= 500) {
    return new SessionBackendError('platform_error', `The status stream answered ${status}.`, { retryAfter })
  }
  return new SessionBackendError('bad_stream', `The status stream answered ${status}.`)
}

/** Errors that another attempt cannot mend. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof SessionBackendError &&
    ['unauthenticated', 'forbidden', 'not_found', 'gone', 'bad_stream'].includes(error.code)
  )
}
