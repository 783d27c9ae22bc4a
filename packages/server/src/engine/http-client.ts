import { type Clock, SessionBackendError } from '@session-backend/core'
import {
  type Backoff,
  createBackoff,
  isRecord,
  parseErrorBody,
  parseJson,
  parseRetryAfter,
  sleep,
} from '@session-backend/core/internal'
import type { Dispatcher } from 'undici'
import { ClosableStreams } from '../common/closable-streams.ts'
import { abortIn } from '../common/lazy-abort.ts'
import type { CallOptions, TraceHeaders } from '../common/platform.ts'
import { adviceFor, advise } from './advice.ts'
import { mayHaveArrived } from './arrival.ts'
import type { Patience } from './http-call.ts'
import { createTransport } from './transport.ts'

/** One call of the platform's API. */
export interface ApiCall {
  method: 'GET' | 'POST'
  /** Below the base URL, encoded. */
  path: string
  /** Sent as JSON. */
  body?: object | undefined
  /** Sent with the client's own. */
  headers?: TraceHeaders | undefined
  /** Whether a repetition does no harm, so that the call may be tried again after a failure. */
  repeatable: boolean
}

/**
 * The platform's answer to a failed call, which is the `cause` of the error. It is never sent to a browser.
 */
export interface PlatformAnswer {
  /** The HTTP status. */
  status: number
  message?: string
  code?: string
  id?: string
}

/** What every call takes. */
export interface HttpCallOptions extends CallOptions {
  /** The time by which it has ended, in ms since the epoch. Default: `timeout` from now. */
  deadline?: number | undefined
}

/** Keep-alive connections to one API, with one deadline per call. */
export interface HttpClient {
  /** The answer's JSON, unparsed as to its shape. Throws as {@link Platform} says, `not_found` for 404. */
  call(request: ApiCall, options?: HttpCallOptions): Promise<unknown>
  /** `fetch` over the same connections, for streams: no deadline, and redirects are not followed. */
  stream: typeof globalThis.fetch
  /**
   * Reads a stream until the caller's signal or {@link close}, after which no attempt to reconnect can
   * succeed.
   */
  untilClosed<T>(
    signal: AbortSignal | undefined,
    follow: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, void>
  close(): Promise<void>
}

/** Options of {@link createHttpClient}. */
export interface HttpClientOptions {
  origin: string
  /** Sent as a bearer token. Default: none. */
  token?: string | undefined
  /** The deadline of a call in ms, repetitions included. */
  timeout: number
  clock: Clock
  /** Default: its own connections. */
  dispatcher?: Dispatcher | undefined
}

const MAX_ATTEMPTS = 3

export function createHttpClient({
  origin,
  token,
  timeout,
  clock,
  dispatcher,
}: HttpClientOptions): HttpClient {
  const transport = createTransport(origin, timeout, dispatcher)
  const following = new ClosableStreams()
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const plainHeaders = { ...authorization, accept: 'application/json' }
  const jsonHeaders = { ...plainHeaders, 'content-type': 'application/json' }

  async function attempt(request: ApiCall, patience: Patience): Promise<unknown> {
    const { method, path, body } = request
    const own = body === undefined ? plainHeaders : jsonHeaders
    const { status, headers, text } = await transport.send(
      {
        method,
        path,
        headers: request.headers ? { ...request.headers, ...own } : own,
        body: body === undefined ? null : JSON.stringify(body),
      },
      patience,
    )
    const json = parseJson(text)
    if (status >= 200 && status < 300) {
      if (json !== undefined) return json
      throw new SessionBackendError(
        'platform_error',
        'The platform must answer with JSON, but sent something else.',
      )
    }
    const retryAfter = headers['retry-after']
    throw errorOf(
      status,
      json,
      parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : null, clock.now()),
    )
  }

  return {
    async call(request, options = {}) {
      const abort = abortIn(options)
      const { deadline = clock.now() + timeout } = options
      const patience = { deadline, clock, abort }
      let backoff: Backoff | undefined
      /**
       * The error of an attempt that the platform may have carried out. A later answer doesn't say whether it
       * did.
       */
      let doubt: SessionBackendError | undefined
      for (let attempts = 1; ; attempts++) {
        if (abort?.aborted) throw abort.signal.reason
        try {
          return await attempt(request, patience)
        } catch (error) {
          if (abort?.aborted) throw abort.signal.reason
          const failure = asPlatformError(error)
          if (mayHaveArrived(failure)) doubt ??= failure
          backoff ??= createBackoff({ initial: 100 })
          const wait = backoff.next()
          const isLast = attempts === MAX_ATTEMPTS || clock.now() + wait >= deadline
          if (!request.repeatable || isLast || !mayPass(failure)) {
            throw advise(doubt ?? failure, adviceFor(failure, origin))
          }
          await sleep(clock, wait, abort?.signal)
        }
      }
    },

    stream: transport.stream,

    untilClosed: (signal, follow) => following.read(signal, follow),

    async close() {
      following.close(
        new SessionBackendError('platform_error', 'The connections to the platform have been closed.'),
      )
      await transport.close()
    },
  }
}

/** Whether another attempt may succeed: the connection was lost, or the platform failed without a reason. */
function mayPass({ code, cause }: SessionBackendError): boolean {
  return code === 'platform_error' && (!isAnswer(cause) || cause.status >= 500)
}

function isAnswer(cause: unknown): cause is PlatformAnswer {
  return isRecord(cause) && typeof cause.status === 'number' && !(cause instanceof Error)
}

function asPlatformError(error: unknown): SessionBackendError {
  if (error instanceof SessionBackendError) return error
  return new SessionBackendError('platform_error', 'The connection to the platform failed.', { cause: error })
}

/** The platform's message stays in `cause`. Our messages never repeat it, because it may contain anything. */
function errorOf(status: number, body: unknown, retryAfter: number | undefined): SessionBackendError {
  const answer: PlatformAnswer = { status, ...parseErrorBody(body) }
  const options = { cause: answer, id: answer.id, retryAfter }
  if (status === 401 || status === 403 || status === 407) {
    return new SessionBackendError(
      'platform_misconfigured',
      'The platform refused the access token.',
      options,
    )
  }
  if (status === 404)
    return new SessionBackendError('not_found', 'The platform found nothing at this path.', options)
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return new SessionBackendError('platform_busy', 'The platform is at its limit.', options)
  }
  return new SessionBackendError('platform_error', `The platform answered ${status}.`, options)
}
