import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import { sendError } from '../server/answers.ts'
import { refusal } from './errors.ts'
import { endToEnd, pairs, type ReceivedHeaders, responseHeaders, statusMessage } from './headers.ts'
import type { ProxyTarget } from './route.ts'

/** How many hints are passed on before one answer: a backend could send them for ever. */
const MAX_HINTS = 16

/** Up to how many bytes the body of an answer that arrived whole is written with its head. */
const SMALL = 16 * 1024

/** The answer to a client's request: the backend's, or ours instead. */
export class Reply {
  /** The first part of the body, until it is clear whether it is also the last. */
  #first: Buffer | undefined
  /** Whether the head was sent. */
  #begun = false
  #hints = 0

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly target: Pick<ProxyTarget, 'sharedOrigin'>,
    /** Called when the backend's answer begins. */
    private readonly onBegin: () => void = () => {},
  ) {}

  /**
   * Passes on what a backend says before its answer: processing (102) and early hints (103). They may be left
   * out (RFC 9110, section 15.2), and are for HTTP/1.0, where another answer is unfinished, and if nobody
   * reads. They are written here because node checks links by a pattern that takes exponential time.
   */
  inform(status: number, raw: ReceivedHeaders): void {
    const { headersSent, socket } = this.response
    if ((status !== 102 && status !== 103) || headersSent || this.request.httpVersion !== '1.1') return
    if (!socket?.writable || socket.writableNeedDrain || ++this.#hints > MAX_HINTS) return
    const headers = endToEnd(raw)
    let head = status === 102 ? 'HTTP/1.1 102 Processing\r\n' : 'HTTP/1.1 103 Early Hints\r\n'
    for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    socket.write(`${head}\r\n`, 'latin1')
  }

  /** Tells a client that expects it to send its body. */
  continue(): void {
    if (!this.response.headersSent) this.response.writeContinue()
  }

  /** Begins the answer. Throws if its head cannot be sent as it is. */
  begin(status: number, message: string, raw: ReceivedHeaders): void {
    const headers = responseHeaders(raw, {
      status,
      method: this.request.method,
      sharedOrigin: this.target.sharedOrigin,
    })
    this.response.writeHead(status, statusMessage(message), headers)
    queueMicrotask(this.#flush)
    this.onBegin()
  }

  /** Sends a part of the body. Returns whether the client takes more; if not, the response emits 'drain'. */
  write(chunk: Buffer): boolean {
    if (!this.#begun && this.#first === undefined) {
      this.#first = chunk
      return true
    }
    this.#flush()
    return this.response.write(chunk)
  }

  end(rawTrailers: ReceivedHeaders): void {
    const trailers = endToEnd(rawTrailers)
    if (trailers.length > 0 && this.response.chunkedEncoding) this.response.addTrailers(pairs(trailers))
    const rest = this.#takeFirst()
    // Node joins a head and a string, and writes them as one. A head and bytes are written by `writev`, the most expensive
    // single part of a small answer.
    if (rest && rest.length <= SMALL) this.response.end(rest.toString('latin1'), 'latin1')
    else this.response.end(rest)
  }

  /** Answers in the backend's place. An answer that has begun can only be cut off. */
  fail(error: unknown): void {
    if (this.response.headersSent) {
      this.#cut()
      return
    }
    // Pages of all origins must be able to distinguish a backend that has ended from one that can't be
    // reached.
    this.response.setHeader('access-control-allow-origin', '*')
    sendError(this.response, error instanceof SessionBackendError ? error : refusal('connection_failed'))
    // What is still being uploaded is read and dropped: to close now could cut the answer off.
    this.request.resume()
  }

  /**
   * Sends the head and what there is of the body. An answer that arrived whole is sent whole, with its head;
   * that of a stream doesn't wait for its first byte.
   */
  readonly #flush = (): void => {
    if (this.#begun || this.response.destroyed) return
    const first = this.#takeFirst()
    if (first) this.response.write(first)
    else this.response.flushHeaders()
  }

  #takeFirst(): Buffer | undefined {
    const first = this.#first
    this.#first = undefined
    this.#begun = true
    return first
  }

  /** Ends the client's connection by a reset, so that no client takes a part of an answer for the whole. */
  #cut(): void {
    const { socket } = this.response
    if (socket) socket.resetAndDestroy()
    else this.request.socket.destroy()
  }
}
