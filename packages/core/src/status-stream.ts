import { readText } from './body.ts'
import type { Clock } from './clock.ts'
import { type ErrorCode, SessionBackendError } from './errors.ts'
import { readEvents, type ServerSentEvent } from './sse.ts'
import { type BackendState, parseJson, parseRetryAfter, parseState } from './wire.ts'

/** What a status stream needs, besides its address. */
export interface StatusStreamOptions {
  signal?: AbortSignal | undefined
  fetch?: typeof globalThis.fetch | undefined
  headers?: HeadersInit | undefined
  credentials?: RequestCredentials | undefined
  onEvent?: ((event: ServerSentEvent) => void) | undefined
  onProblem?: ((problem: unknown) => void) | undefined
}

/** The connections of one watch, one at a time. It remembers where the last one got to. */
export interface StatusStream {
  /**
   * Connects, and yields what the stream says, in its order. Returns where there is nothing more to learn
   * (204); throws when the connection is lost, however it is lost.
   */
  connect(): AsyncGenerator<BackendState, void, void>
  /** For how long the server has served the last connection, in ms; not above 0 where it did not. */
  age(): number
}

/** A stream silent for this long, in ms, is given up: servers send a heartbeat every 15 s. */
const SILENCE_LIMIT = 45_000
const MAX_BODY = 64 * 1024

/** Errors after which another attempt makes no sense, by HTTP status. */
const REFUSALS: Record<number, ErrorCode> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  410: 'gone',
}

/** Does no I/O yet. `onRetry` is told the stream's `retry:` fields, in ms. */
export function createStatusStream(
  url: string,
  options: StatusStreamOptions,
  clock: Clock,
  onRetry: (ms: number) => void,
): StatusStream {
  const { signal, fetch = globalThis.fetch, credentials, onEvent, onProblem } = options
  const givenHeaders = new Headers(options.headers)
  const origin = originOf(url)
  let openedAt = Number.POSITIVE_INFINITY
  let lastEventId: string | undefined
  let reported = false

  async function* connect() {
    const connection = new AbortController()
    const abort = () => connection.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const silence = createTimer(clock, SILENCE_LIMIT, () => {
      connection.abort(new SessionBackendError('platform_timeout', 'The status stream fell silent.'))
    })
    openedAt = Number.POSITIVE_INFINITY
    try {
      silence.restart()
      const response = await open(connection.signal)
      openedAt = clock.now()
      if (response.status === 204) yield* readOnce(connection.signal)
      else yield* readStream(response, silence)
    } finally {
      silence.stop()
      signal?.removeEventListener('abort', abort)
      connection.abort()
    }
  }

  /** Asks for the stream; where the address answers with one status as JSON, the stream is below it. */
  async function open(signal: AbortSignal): Promise<Response> {
    const response = await request(url, signal)
    if (!hasType(response, 'application/json')) return response
    await response.body?.cancel()
    url = url.replace(/\/?(?=[?#]|$)/, '/stream')
    return request(url, signal)
  }

  async function* readStream(response: Response, silence: Timer) {
    if (!hasType(response, 'text/event-stream') || !response.body) {
      throw new SessionBackendError('bad_stream', 'The answer is not a status stream.')
    }
    for await (const event of readEvents(response.body, { onActivity: silence.restart, onRetry })) {
      const { id, data } = event
      // No header can carry any other id; without one the server replays, which changes nothing.
      if (id !== undefined) lastEventId = /^[!-~]{1,256}$/.test(id) ? id : undefined
      if (event.event !== undefined && event.event !== 'message') {
        onEvent?.(event)
        continue
      }
      const state = parseState(parseJson(data))
      if (state) {
        // Time that the consumer takes is not silence of the server.
        silence.stop()
        yield state
        silence.restart()
      } else if (!reported) {
        reported = true
        onProblem?.(new SessionBackendError('bad_stream', 'The stream sent what is not a known status.'))
      }
    }
    throw new SessionBackendError('platform_error', 'The status stream ended before the backend did.')
  }

  /** Reads the one status beside the stream, where there is such an address. */
  async function* readOnce(signal: AbortSignal) {
    const statusUrl = url.replace(/\/stream(?=[?#]|$)/, '')
    if (statusUrl === url) return
    const response = await request(statusUrl, signal)
    const state = parseState(parseJson(await readText(response.body, MAX_BODY)))
    if (state) yield state
  }

  async function request(address: string, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(givenHeaders)
    headers.set('accept', address === url ? 'text/event-stream' : 'application/json')
    if (lastEventId) headers.set('last-event-id', lastEventId)
    const response = await fetch(address, {
      headers,
      signal,
      cache: 'no-store',
      ...(credentials && { credentials }),
    })
    if (response.redirected && originOf(response.url) !== origin) {
      throw new SessionBackendError('bad_stream', 'The status stream redirects to another origin.')
    }
    if (response.ok) return response
    const { status } = response
    const passing = status === 408 || status === 425 || status === 429 || status >= 500
    throw new SessionBackendError(
      passing ? 'platform_error' : (REFUSALS[status] ?? 'bad_stream'),
      `The status stream answered ${status}.`,
      { status, retryAfter: parseRetryAfter(response.headers.get('retry-after'), clock.now()) },
    )
  }

  return { connect, age: () => clock.now() - openedAt }
}

function originOf(url: string): string {
  try {
    return new URL(url, typeof location === 'undefined' ? undefined : location.href).origin
  } catch (cause) {
    throw new SessionBackendError('invalid_option', 'A status stream needs an absolute URL.', { cause })
  }
}

function hasType(response: Response, type: string): boolean {
  return response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === type
}

interface Timer {
  restart(): void
  stop(): void
}

function createTimer(clock: Clock, ms: number, callback: () => void): Timer {
  let stop = () => {}
  return {
    restart() {
      stop()
      stop = clock.after(ms, callback)
    },
    stop: () => stop(),
  }
}
