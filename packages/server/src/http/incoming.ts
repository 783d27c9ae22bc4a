import type { IncomingMessage } from 'node:http'
import type { SessionBackendError } from '@session-backend/core'
import type { RouteParams } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'

/**
 * Where a request goes, as its framework tells: by a path that begins with `basePath`, by a path whose mount was cut off,
 * both as they were sent, or by the decoded segments that a router has matched. What can't be told is refused, not guessed.
 */
export type Target =
  | { path: string }
  | { belowMount: string }
  | { segments: readonly string[] }
  | { unknown: SessionBackendError }

/**
 * A request as the handler sees it, whatever framework it came by. Adapters make one from what they have,
 * without a Fetch API Request where there is none already: that is built only when `authorize` looks at it.
 */
export interface Incoming {
  readonly method: string
  readonly target: Target
  readonly params: RouteParams
  header(name: string): string | undefined
  /** The body, parsed: `undefined` where there is none. Throws what is to be answered. */
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
  /** A whole body, or one that goes on until the reader leaves, which aborts the signal. */
  body: string | ((signal: AbortSignal) => AsyncIterable<string>)
  /** An unexpected failure, with its cause, for frameworks with an error handler of their own. */
  error?: Error
}

/** Answers a request, and never throws. */
export type Respond = (incoming: Incoming) => Promise<Outgoing>

/**
 * Under which {@link Respond} is found on session backends. Adapters are entries of their own: a bundle may hold this module
 * twice, so the symbol is one of the registry's.
 */
export const RESPOND: unique symbol = Symbol.for('@session-backend/server/respond')

/** How long a stream waits for a reader that takes nothing, in ms: some hosts never tell that theirs has left. */
export const READER_PATIENCE = 60_000
