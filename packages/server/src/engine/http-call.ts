import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import type { LazyAbort } from '../common/lazy-abort.ts'

/** One attempt of a call: a request whose whole answer is read. */
export interface HttpRequest {
  method: 'GET' | 'POST'
  /** Below the origin, encoded. */
  path: string
  headers: Record<string, string>
  body: string | null
}

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** The limits of an attempt. */
export interface Patience {
  /** The time by which it has ended, in ms since the epoch. */
  deadline: number
  clock: Clock
  abort?: LazyAbort | undefined
}

/** What carries the calls of one API, by undici or by `fetch`. */
export interface Transport {
  /**
   * Sends a request and reads the whole answer.
   *
   * @throws SessionBackendError `platform_timeout` at the deadline; else the signal's reason, or what went
   * wrong.
   */
  send(request: HttpRequest, patience: Patience): Promise<HttpAnswer>
  /** `fetch` for streams: no deadline, and redirects are not followed. */
  stream: typeof globalThis.fetch
  close(): Promise<void>
}

/** The longest answer of a call, in bytes. */
export const MAX_ANSWER = 1024 * 1024

export function tooLong(): Error {
  return new Error(`The answer is longer than ${MAX_ANSWER} bytes.`)
}

export function timedOut(): SessionBackendError {
  return new SessionBackendError('platform_timeout', 'The platform did not answer in time.')
}
