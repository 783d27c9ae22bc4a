import { childOf } from './child-of.ts'
import type { Clock } from './clock.ts'
import { errorCodeOf, SessionBackendError } from './errors.ts'
import { readEvents, type ServerSentEvent } from './event-stream.ts'
import { type BackendState, parseJson, parseState, refusalOf } from './wire.ts'

/** What a status stream needs, apart from its address. */
export interface StatusStreamOptions {
  signal?: AbortSignal | undefined
  fetch?: typeof globalThis.fetch | undefined
  headers?: HeadersInit | undefined
  credentials?: RequestCredentials | undefined
  onEvent?: ((event: ServerSentEvent) => void) | undefined
  onProblem?: ((problem: unknown) => void) | undefined
}

/** What is known about a stream, apart from its address. */
export interface StreamLocation {
  /** Requests the stream. Default: at its address. */
  open?: (request: RequestAnswer) => Promise<Response>
  /** Reads the last status of a stream that has no more to say. */
  readLast?: (request: RequestAnswer) => Promise<BackendState | undefined>
  /** Reads one status, told them in their order. Default: {@link parseState}, which knows one vocabulary. */
  parse?: (value: unknown) => BackendState | undefined
}

/** `fetch` with the options of every request. Throws if the answer is an error. */
export type RequestAnswer = (url: string, accept?: string) => Promise<Response>

/** The connections of one watch, one at a time. It remembers the last event id. */
export interface StatusStream {
  /**
   * Connects, and yields what the stream says, in its order. Returns if there is nothing more to learn
   * (204); throws when the connection is lost, however it is lost.
   */
  connect(): AsyncGenerator<BackendState, void, void>
  /** For how long the server has served the last connection, in ms; not above 0 where it did not. */
  age(): number
}

/** A stream silent for this long, in ms, is given up: servers send a heartbeat every 15 s. */
const SILENCE_LIMIT = 45_000
const EVENT_STREAM = 'text/event-stream'
const LAST_EVENT_ID = 'last-event-id'

/** The HTTP statuses by which a server refuses a stream, rather than answers as if it knew of none. */
const REFUSALS = [401, 403, 404, 410]

/** Does no I/O yet. `onRetry` is told the stream's `retry:` fields, in ms. */
export function createStatusStream(
  url: string,
  options: StatusStreamOptions & StreamLocation,
  clock: Clock,
  onRetry: (ms: number) => void,
): StatusStream {
  const { open = (request) => request(url), readLast } = options
  const headers = new Headers(options.headers)
  const stateOf = createEventReader(options, headers)
  const origin = originOf(url)
  let openedAt = Number.POSITIVE_INFINITY

  async function* connect() {
    const scope = childOf(options.signal)
    const silence = createSilenceTimer(clock, scope)
    openedAt = Number.POSITIVE_INFINITY
    let isEmpty = true
    try {
      silence.restart()
      const request = requestBy(scope.signal)
      const response = await open(request)
      openedAt = clock.now()
      if (response.status === 204) {
        const last = await readLast?.(request)
        if (last) yield last
        return
      }
      if (!hasType(response, EVENT_STREAM) || !response.body) {
        throw new SessionBackendError('bad_stream', 'The answer is not a status stream.')
      }
      for await (const event of readEvents(response.body, { onActivity: silence.restart, onRetry })) {
        isEmpty = false
        const state = stateOf(event)
        if (!state) continue
        // The consumer's time doesn't count as silence of the server.
        silence.stop()
        yield state
        silence.restart()
      }
      // A restarted server counts from the start, so the id may belong to another event there.
      if (isEmpty) headers.delete(LAST_EVENT_ID)
      throw new SessionBackendError('platform_error', 'The status stream ended before the backend did.')
    } finally {
      silence.stop()
      scope.abort()
    }
  }

  function requestBy(signal: AbortSignal): RequestAnswer {
    const { fetch = globalThis.fetch, credentials } = options
    return async (address, accept = EVENT_STREAM) => {
      headers.set('accept', accept)
      const init: RequestInit = { headers, signal, cache: 'no-store' }
      const response = await fetch(address, { ...init, ...(credentials && { credentials }) })
      checkAnswer(response, origin, clock.now())
      return response
    }
  }

  return { connect, age: () => clock.now() - openedAt }
}

/** Aborts a connection that has been silent for too long. */
function createSilenceTimer(clock: Clock, scope: AbortController) {
  let stop = () => {}
  return {
    stop: () => stop(),
    restart() {
      stop()
      stop = (clock.steady ?? clock).after(SILENCE_LIMIT, () =>
        scope.abort(new SessionBackendError('platform_timeout', 'The status stream fell silent.')),
      )
    },
  }
}

/** Reads the status of an event, if it has one. Its id goes into the `headers` of the next request. */
function createEventReader(
  { onEvent, onProblem, parse = parseState }: StatusStreamOptions & StreamLocation,
  headers: Headers,
) {
  let isReported = false
  return (event: ServerSentEvent): BackendState | undefined => {
    const { id } = event
    // No header can carry any other id; without one the server replays, which changes nothing.
    if (id !== undefined && /^[!-~]{1,256}$/.test(id)) headers.set(LAST_EVENT_ID, id)
    else if (id !== undefined) headers.delete(LAST_EVENT_ID)
    if ((event.event ?? 'message') !== 'message') {
      onEvent?.(event)
      return undefined
    }
    const state = parse(parseJson(event.data))
    if (!state && !isReported) {
      isReported = true
      onProblem?.(new SessionBackendError('bad_stream', 'The status stream sent an unknown status.'))
    }
    return state
  }
}

/** Throws if an answer is an error, or another origin's. */
function checkAnswer(response: Response, origin: string, now: number): void {
  if (response.redirected && originOf(response.url) !== origin) {
    throw new SessionBackendError('bad_stream', 'The status stream redirects to another origin.')
  }
  if (response.ok) return
  const { status } = response
  const passing = status === 408 || status === 425 || status === 429 || status >= 500
  const refusal = REFUSALS.includes(status) ? errorCodeOf(status) : undefined
  throw new SessionBackendError(
    passing ? 'platform_error' : (refusal ?? 'bad_stream'),
    `The status stream answered ${status}.`,
    refusalOf(response, now),
  )
}

function originOf(url: string): string {
  try {
    return new URL(url, globalThis.location?.href).origin
  } catch (cause) {
    throw new SessionBackendError('invalid_option', 'A status stream needs an absolute URL.', { cause })
  }
}

/** Whether an answer has a media type, with any parameters. */
export function hasType(response: Response, type: string): boolean {
  return response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === type
}
