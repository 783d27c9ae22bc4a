import type { IncomingMessage } from 'node:http'
import type { Caller } from './caller.ts'

/**
 * A request as the handler sees it, whatever framework it came by. Adapters make one from what they have,
 * without a Fetch API Request where there is none already: that is built only when `authorize` looks at it.
 */
export interface Incoming {
  readonly method: string
  /** The path below the mount, as it was sent: `/doc-1/status`. */
  readonly path: string
  header(name: string): string | undefined
  /** The body, parsed: `undefined` where there is none. Throws what is to be answered. */
  body(): Promise<unknown>
  readonly caller: Caller
  /** For `authorize`: its body has been read already. */
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
  /** A failure that nobody foresaw, with its cause, for frameworks with an error handler of their own. */
  error?: Error
}
