import { type Dispatcher, errors } from 'undici'
import type { ReceivedHeaders } from './headers.ts'
import type { Relay, RequestHead } from './relay.ts'
import type { KeptConnection, Upstream } from './upstream.ts'

/**
 * Sends a request without a body over a connection that is kept, and once more over a new one if that
 * connection turns out to be dead. Returns what gives it up.
 */
export function sendKept(relay: Relay, upstream: Upstream, head: RequestHead): () => void {
  const request = new KeptRequest(relay, upstream, head)
  return () => request.abort()
}

class KeptRequest implements Dispatcher.DispatchHandler {
  #connection: KeptConnection | undefined
  #controller: Dispatcher.DispatchController | undefined
  /** Whether its connection was not a new one, and has not answered yet. */
  #repeatable = false
  #status = 0
  readonly #untrack: () => void

  constructor(
    private readonly relay: Relay,
    private readonly upstream: Upstream,
    private readonly head: RequestHead,
  ) {
    this.#untrack = upstream.track()
    this.#dispatch(false)
  }

  abort(): void {
    this.#untrack()
    if (this.#connection) this.#controller?.abort(new Error('The client has left.'))
  }

  #dispatch(again: boolean): void {
    const connection = this.upstream.take(again)
    this.#connection = connection
    this.#repeatable = connection.open
    connection.client.dispatch({ ...this.head, body: null }, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.relay.over) controller.abort(new Error('The client has left.'))
    else this.relay.enter()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    message = '',
  ): void {
    const raw = received(controller.rawHeaders)
    if (status < 200) this.relay.reply.inform(status, raw)
    else {
      this.#repeatable = false
      this.#status = status
      this.relay.reply.begin(status, latin1(message), raw)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.relay.reply.write(chunk)) return
    controller.pause()
    this.relay.response.once('drain', () => controller.resume())
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#release()
    this.relay.reply.end(received(controller.rawTrailers))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#release()
    if (this.relay.over) return
    // A 304 tells the length of what it doesn't send; undici misses those bytes.
    const complete = this.#status === 304 && error instanceof errors.ResponseContentLengthMismatchError
    if (complete) this.relay.reply.end([])
    else if (this.#repeatable && this.upstream.over === undefined && isConnectionLoss(error)) {
      this.#dispatch(true)
    } else this.relay.lost(error)
  }

  #release(): void {
    if (this.#connection) this.upstream.release(this.#connection)
    this.#connection = undefined
    this.#controller = undefined
  }
}

/** Undici hands out the bytes of each name and value, before it makes an object of them. */
function received(raw: Dispatcher.DispatchController['rawHeaders']): ReceivedHeaders {
  return Array.isArray(raw) ? raw : []
}

/** Undici reads a status message as UTF-8, node writes it as Latin-1: these are the same bytes again. */
function latin1(message: string): string {
  return /^[\x20-\x7e]*$/.test(message) ? message : Buffer.from(message).toString('latin1')
}

function isConnectionLoss(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return error instanceof errors.SocketError || code === 'ECONNRESET' || code === 'EPIPE'
}
