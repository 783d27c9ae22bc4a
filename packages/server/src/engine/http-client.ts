import type { Readable } from 'node:stream'
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
import { type CallerOptions, callerIn } from '../caller.ts'
import { ClosableStreams } from '../closable-streams.ts'
import { adviceFor, advise } from './advice.ts'
import { mayHaveArrived } from './arrival.ts'
import { decodeStream } from './content-encoding.ts'
import { createDispatchers } from './dispatchers.ts'
import { exchange, type Patience } from './http-exchange.ts'

/** One call of the platform's API. */
export interface ApiRequest {
  method: 'GET' | 'POST'
  /** Below the base URL, encoded. */
  path: string
  /** Sent as JSON. */
  body?: object | undefined
  /** Whether a repetition does no harm, so that the call may be tried again after a failure. */
  repeatable: boolean
}

/** What the platform itself said about a failed call: the `cause` of the error. Never sent to a browser. */
export interface PlatformAnswer {
  /** The HTTP status. */
  status: number
  message?: string
  code?: string
  id?: string
}

/** What every call takes. */
export interface HttpCallOptions extends CallerOptions {
  /** The time by which it has ended, in ms since the epoch. Default: `timeout` from now. */
  deadline?: number | undefined
}

/** Keep-alive connections to one API, with one deadline per call. */
export interface HttpClient {
  /** The answer's JSON, unparsed as to its shape. Throws as {@link Platform} says, `not_found` for 404. */
  call(request: ApiRequest, options?: HttpCallOptions): Promise<unknown>
  /** `fetch` over the same connections, for streams: no deadline, and redirects are not followed. */
  stream: typeof globalThis.fetch
  /** Reads a stream until the caller's signal or {@link close}, after which no attempt to reconnect can succeed. */
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
  /** Default: connections of its own. */
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
  const { calls, streams, close } = createDispatchers(origin, dispatcher)
  const following = new ClosableStreams()
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const plainHeaders = { ...authorization, accept: 'application/json' }
  const jsonHeaders = { ...plainHeaders, 'content-type': 'application/json' }

  async function attempt({ method, path, body }: ApiRequest, patience: Patience): Promise<unknown> {
    const { status, headers, text } = await exchange(
      calls,
      {
        origin,
        method,
        path,
        headersTimeout: 0,
        bodyTimeout: 0,
        headers: body === undefined ? plainHeaders : jsonHeaders,
        body: body === undefined ? null : JSON.stringify(body),
      },
      patience,
    )
    const json = parseJson(text)
    if (status >= 200 && status < 300) {
      if (json !== undefined) return json
      throw new SessionBackendError('platform_error', 'The platform sent something that is not JSON.')
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
      const caller = callerIn(options)
      const { deadline = clock.now() + timeout } = options
      const patience = { deadline, clock, caller }
      let backoff: Backoff | undefined
      /** Of an attempt that the platform may have carried out: a later answer doesn't tell. */
      let doubt: SessionBackendError | undefined
      for (let attempts = 1; ; attempts++) {
        if (caller?.left) throw caller.signal.reason
        try {
          return await attempt(request, patience)
        } catch (error) {
          if (caller?.left) throw caller.signal.reason
          const failure = asPlatformError(error)
          if (mayHaveArrived(failure)) doubt ??= failure
          backoff ??= createBackoff({ initial: 100 })
          const wait = backoff.next()
          const isLast = attempts === MAX_ATTEMPTS || clock.now() + wait >= deadline
          if (!request.repeatable || isLast || !mayPass(failure)) {
            throw advise(doubt ?? failure, adviceFor(failure, origin))
          }
          await sleep(clock, wait, caller?.signal)
        }
      }
    },

    async stream(input, init) {
      const url = new URL(input instanceof Request ? input.url : input)
      const { statusCode, headers, body } = await streams.request({
        origin,
        method: 'GET',
        headersTimeout: timeout,
        bodyTimeout: 0,
        path: url.pathname + url.search,
        headers: Object.fromEntries(new Headers(init?.headers)),
        signal: init?.signal ?? null,
      })
      const answer = new Headers()
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) answer.set(name, String(value))
      }
      if (statusCode === 204) {
        await body.dump()
        return new Response(null, { status: statusCode, headers: answer })
      }
      return new Response(toWebStream(decodeStream(body, headers['content-encoding'])), {
        status: statusCode,
        headers: answer,
      })
    },

    untilClosed: (signal, follow) => following.read(signal, follow),

    async close() {
      following.close(
        new SessionBackendError('platform_error', 'The connections to the platform have been closed.'),
      )
      await close()
    },
  }
}

/** Whether another attempt may fare better: the connection was lost, or the platform failed without a reason. */
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

/** The platform's words stay in `cause`: they may hold anything, and no message of ours repeats them. */
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
    return new SessionBackendError('not_found', 'The platform knows no such thing.', options)
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return new SessionBackendError('platform_busy', 'The platform is at its limit.', options)
  }
  return new SessionBackendError('platform_error', `The platform answered ${status}.`, options)
}

/** Cancelling destroys the body at once, even while a read of it is waiting. */
function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<unknown> = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else if (value instanceof Uint8Array) controller.enqueue(value)
    },
    cancel() {
      body.destroy()
    },
  })
}
