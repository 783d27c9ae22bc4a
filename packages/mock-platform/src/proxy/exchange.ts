import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasBody } from '../server/messages.ts'
import { refusal } from './errors.ts'
import { requestHeaders } from './headers.ts'
import { sendKept } from './kept-request.ts'
import type { Relay, RequestHead } from './relay.ts'
import { Reply } from './reply.ts'
import type { ProxyRoute, ProxyTarget } from './route.ts'
import { sendOnce } from './single-request.ts'
import type { Upstream } from './upstream.ts'

/** Methods that may be sent again when it is unknown whether they arrived. RFC 9110, section 9.2.1. */
const SAFE: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * One request and its answer. It counts as activity from the moment the backend has taken the request
 * until the client has the whole answer, or one of them is gone.
 */
export class Exchange implements Relay {
  readonly reply: Reply
  #upstream: Upstream | undefined
  #leave: (() => void) | undefined
  #abort = () => {}
  #over = false

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly route: ProxyRoute,
    private readonly target: ProxyTarget,
    private readonly onProblem: ((problem: unknown) => void) | undefined,
  ) {
    this.reply = new Reply(request, response, target, () => route.spoke())
    response.once('close', this.#onClose)
  }

  /** Whether the client has the answer, or has left, or was cut off. */
  get over(): boolean {
    return this.#over
  }

  /** Counts as activity from now on: the backend has the request, or the client waits for its start. */
  enter(): void {
    if (!this.#over) this.#leave ??= this.route.enter()
  }

  /**
   * Sends the request; throws `bad_request` if it can't be sent as it is. What may be repeated uses
   * connections that are kept. Anything else has a fresh one: a backend may close a kept one just as the
   * request is sent on it, and then nobody knows whether it was received.
   */
  send(upstream: Upstream): void {
    if (this.#over) return
    this.#upstream = upstream
    const { request, target } = this
    const head: RequestHead = {
      method: request.method ?? 'GET',
      path: target.path,
      headers: requestHeaders(request, this.route.verifiedHeaders, target),
    }
    const repeatable = SAFE.includes(request.method) && !hasBody(request)
    this.#abort = repeatable ? sendKept(this, upstream, head) : sendOnce(this, upstream, head)
  }

  /** Answers in the backend's place. */
  fail(error: unknown): void {
    if (this.#over) return
    this.#leave?.()
    this.#leave = undefined
    this.reply.fail(error)
  }

  /** The backend was lost, or sent something that is not an answer. */
  readonly lost = (error: unknown): void => {
    if (this.#over) return
    const upstreamIsOver = this.#upstream?.over !== undefined
    if (!upstreamIsOver) this.onProblem?.(error)
    this.fail(upstreamIsOver ? this.#upstream?.refusal() : refusal('connection_failed'))
  }

  /** Closes everything that belongs to it. */
  readonly #onClose = (): void => {
    if (this.#over) return
    this.#over = true
    this.#leave?.()
    this.#abort()
  }
}
