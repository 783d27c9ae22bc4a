import type { IncomingMessage } from 'node:http'
import type { SessionBackendError } from '@session-backend/core'
import type { RouteParams } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'

/**
 * The target of a request, in the form that its framework provides: a path that begins with `basePath` or a
 * path without its mount, both as they were sent, or the decoded segments that a router has matched. A
 * request with another target is refused.
 */
export type Target =
  | { path: string }
  | { belowMount: string }
  | { segments: readonly string[] }
  | { unknown: SessionBackendError }

/**
 * A request as the handler sees it, from any framework. Adapters that have no Fetch API Request build one
 * only when `authorize` reads it.
 */
export interface Incoming {
  readonly method: string
  readonly target: Target
  readonly params: RouteParams
  header(name: string): string | undefined
  /** The parsed body, or `undefined` without a body. Throws the error to answer with. */
  body(): Promise<unknown>
  /** Aborts when the client leaves. */
  readonly abort: LazyAbort
  /** For `authorize`. */
  toRequest(): Request
  /** Node's own request, with what earlier middleware has put on it. */
  readonly nodeRequest?: IncomingMessage | undefined
}

/** An answer for the adapter to send. */
export interface Outgoing {
  status: number
  headers: Record<string, string>
  /** A whole body, or a stream that lasts until the reader leaves, which aborts the signal. */
  body: string | ((signal: AbortSignal) => AsyncIterable<string>)
  /** An unexpected failure, with its cause, for the framework's error handler. */
  error?: Error
}

/** Answers a request, and never throws. */
export type Respond = (incoming: Incoming) => Promise<Outgoing>

/**
 * The key of {@link Respond} on session backends. Adapters are separate entries, so a bundle may hold this
 * module twice: the symbol comes from the global registry.
 */
export const RESPOND: unique symbol = Symbol.for('@session-backend/server/respond')

/**
 * How long a stream waits for a reader that takes nothing, in ms: some hosts never tell that a reader has
 * left.
 */
export const READER_PATIENCE = 60_000
