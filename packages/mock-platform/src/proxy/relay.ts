import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RawHeaders } from './headers.ts'
import type { Reply } from './reply.ts'

/** The head of a request to a backend. */
export interface RequestHead {
  method: string
  path: string
  headers: RawHeaders
}

/** One request that is passed on to a backend. */
export interface Relay {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly reply: Reply
  /** Whether the client has the answer, has left, or was cut off. */
  readonly over: boolean
  /** Counts as activity from now on. */
  enter(): void
  /** The backend was lost, or sent something that is not an answer. */
  readonly lost: (error: unknown) => void
}
