import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Dispatcher, errors } from 'undici'
import { refusal, sendError } from './errors.ts'
import { endToEnd, requestHeaders, responseHeaders, statusMessage } from './headers.ts'
import type { ProxyTarget } from './index.ts'
import type { ProxyRoute } from './route.ts'
import { hasBody, Upload } from './upload.ts'
import type { Connection, Upstream } from './upstream.ts'

/** Methods that may be sent again when it is unknown whether they arrived. RFC 9110, section 9.2.1. */
const SAFE: readonly (string | undefined)[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/**
 * One request and its answer. It counts as activity from the moment the backend has taken the request
 * until the client has the whole answer, or one of them is gone.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #route: ProxyRoute
  readonly #target: ProxyTarget
  readonly #onProblem: ((problem: unknown) => void) | undefined
  #upstream: Upstream | undefined
  #connection: Connection | undefined
  /** Whether the request may be sent once more: it can be repeated, and its connection was not a new one. */
  #repeatable = false
  #controller: Dispatcher.DispatchController | undefined
  #leave: (() => void) | undefined
  #untrack: (() => void) | undefined
  #over = false
  /** The first part of the body, until it is clear whether it is also the last. */
  #first: Buffer | undefined
  /** Whether the head was sent. */
  #begun = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    route: ProxyRoute,
    target: ProxyTarget,
    onProblem: ((problem: unknown) => void) | undefined,
  ) {
    this.#request = request
    this.#response = response
    this.#route = route
    this.#target = target
    this.#onProblem = onProblem
    response.once('close', this.#onClose)
    // An answer that waits behind another one on its connection does not hear of the connection's end.
    if (response.socket === null) request.socket.once('close', this.#onClose)
  }

  /** Counts as activity from now on: the request waits for the backend to start. */
  enter(): void {
    if (!this.#over) this.#leave ??= this.#route.enter()
  }

  /** Sends the request; throws `bad_request` where it can't be sent as it is. */
  send(upstream: Upstream): void {
    if (this.#over) return
    this.#upstream = upstream
    this.#untrack = upstream.track()
    this.#dispatch(upstream, false)
  }

  /** Answers in the backend's place. An answer that has begun can only be cut off. */
  fail(error: unknown): void {
    if (this.#over) return
    this.#leave?.()
    this.#leave = undefined
    if (this.#response.headersSent) this.#cut()
    else sendError(this.#request, this.#response, error)
  }

  #dispatch(upstream: Upstream, again: boolean): void {
    const request = this.#request
    const headers = requestHeaders(request, this.#route.verifiedHeaders, this.#target)
    const body = hasBody(request) ? new Upload(request) : null
    const length = request.headers['content-length']
    if (body && length !== undefined) headers.push('content-length', length)
    const connection = upstream.take(again)
    this.#connection = connection
    this.#repeatable = connection.open && body === null && SAFE.includes(request.method)
    const method = request.method ?? 'GET'
    upstream.send(connection, { path: this.#target.path, method, headers, body }, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('The client has left.'))
    else this.enter()
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    message = '',
  ): void {
    const raw = rawHeaders(controller.rawHeaders)
    if (status < 200) {
      inform(this.#response, status, raw)
      return
    }
    this.#repeatable = false
    this.#response.writeHead(status, latin1(message), responseHeaders(raw, this.#request.method))
    queueMicrotask(this.#flush)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#begun && this.#first === undefined) {
      this.#first = chunk
      return
    }
    this.#flush()
    this.#write(chunk, controller)
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const trailers = endToEnd(rawHeaders(controller.rawTrailers))
    if (trailers.length > 0 && this.#response.chunkedEncoding) this.#response.addTrailers(pairs(trailers))
    this.#release()
    this.#response.end(this.#takeFirst())
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#release()
    const upstream = this.#upstream
    if (this.#over || upstream === undefined) return
    if (upstream.over !== undefined) this.fail(upstream.refusal())
    else if (this.#repeatable && isConnectionLoss(error)) this.#dispatch(upstream, true)
    else {
      this.#onProblem?.(error)
      this.fail(refusal('connection_failed'))
    }
  }

  /**
   * Sends the head and what there is of the body. An answer that arrived whole is sent whole, with its head;
   * that of a stream doesn't wait for its first byte.
   */
  readonly #flush = (): void => {
    if (this.#begun || this.#over) return
    const first = this.#takeFirst()
    if (first && this.#controller) this.#write(first, this.#controller)
    else this.#response.flushHeaders()
  }

  #takeFirst(): Buffer | undefined {
    const first = this.#first
    this.#first = undefined
    this.#begun = true
    return first
  }

  #write(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    if (this.#response.write(chunk)) return
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  /** The client has the answer, or has left, or was cut off: nothing stays open. */
  readonly #onClose = (): void => {
    if (this.#over) return
    this.#over = true
    this.#request.socket.off('close', this.#onClose)
    this.#leave?.()
    this.#untrack?.()
    if (this.#connection) this.#controller?.abort(new Error('The client has left.'))
  }

  #release(): void {
    if (this.#connection) this.#upstream?.release(this.#connection)
    this.#connection = undefined
    this.#controller = undefined
  }

  /** Ends the client's connection by a reset, so that no client takes a part of an answer for the whole. */
  #cut(): void {
    const { socket } = this.#response
    if (socket) socket.resetAndDestroy()
    else this.#request.socket.destroy()
  }
}

/** Undici hands out the bytes of each name and value, before it makes an object of them. */
function rawHeaders(raw: Dispatcher.DispatchController['rawHeaders']): readonly (string | Buffer)[] {
  return Array.isArray(raw) ? raw : []
}

function pairs(headers: readonly string[]): [string, string][] {
  const result: [string, string][] = []
  for (let i = 0; i + 1 < headers.length; i += 2) result.push([headers[i] ?? '', headers[i + 1] ?? ''])
  return result
}

/** Undici reads a status message as UTF-8, node writes it as Latin-1: these are the same bytes again. */
function latin1(message: string): string {
  return /^[\x20-\x7e]*$/.test(message) ? message : statusMessage(Buffer.from(message).toString('latin1'))
}

/** Passes on what a backend says before its answer: processing (102) and early hints (103). */
function inform(response: ServerResponse, status: number, raw: readonly (string | Buffer)[]): void {
  if (status === 102) response.writeProcessing()
  if (status !== 103) return
  const hints: Record<string, string[]> = {}
  for (const [name, value] of pairs(endToEnd(raw))) {
    const key = name.toLowerCase()
    hints[key] = [...(hints[key] ?? []), value]
  }
  // Node takes early hints with links only, and throws at a link that it does not understand.
  if (hints.link?.every((link) => /^<[^>]*>(?:\s*;\s*[^;"\s]+(?:=(?:"[^"]*"|[^;"\s]*))?)*$/.test(link))) {
    response.writeEarlyHints({ ...hints, link: hints.link })
  }
}

function isConnectionLoss(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return error instanceof errors.SocketError || code === 'ECONNRESET' || code === 'EPIPE'
}
