import { Agent, type IncomingMessage, request as openRequest, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refusal, sendError } from './errors.ts'
import { endToEnd, requestHeaders, responseHeaders, statusMessage } from './headers.ts'
import type { ProxyTarget } from './index.ts'
import type { ProxyRoute } from './route.ts'
import { holdBack, joinSockets } from './tunnel.ts'
import type { Upstream } from './upstream.ts'

/** An upgraded connection is used once, by one client. */
const agent = new Agent({ keepAlive: false })

/**
 * One upgrade to a WebSocket: the handshake goes through a parser on both sides, then the two sockets are
 * joined. It counts as activity from the moment the backend is connected until the client's socket is closed.
 */
export class Upgrade {
  readonly #request: IncomingMessage
  readonly #socket: Socket
  readonly #takeHead: () => Buffer
  readonly #route: ProxyRoute
  readonly #target: ProxyTarget
  readonly #onProblem: ((problem: unknown) => void) | undefined
  #leave: (() => void) | undefined

  constructor(
    request: IncomingMessage,
    head: Buffer,
    route: ProxyRoute,
    target: ProxyTarget,
    onProblem: ((problem: unknown) => void) | undefined,
  ) {
    this.#request = request
    this.#socket = request.socket
    this.#takeHead = holdBack(request.socket, head)
    this.#route = route
    this.#target = target
    this.#onProblem = onProblem
    this.#socket.once('close', () => this.#leave?.())
  }

  enter(): void {
    if (!this.#socket.destroyed) this.#leave ??= this.#route.enter()
  }

  /** Sends the handshake; throws `bad_request` where it can't be sent as it is. */
  send(upstream: Upstream): void {
    const client = this.#socket
    if (client.destroyed) return
    const { method, headers } = this.#request
    const upgrade = headers.upgrade ?? 'websocket'
    const outgoing = openRequest({
      ...upstream.address,
      agent,
      method,
      path: this.#target.path,
      headers: [
        ...requestHeaders(this.#request, this.#route.verifiedHeaders, this.#target),
        ...['connection', 'Upgrade', 'upgrade', upgrade],
      ],
    })
    const untrack = upstream.track(() => {
      outgoing.destroy()
      client.destroy()
    })
    client.once('close', () => {
      untrack()
      outgoing.destroy()
    })
    outgoing.once('socket', (socket) => socket.once('connect', () => this.enter()))
    outgoing.once('upgrade', (answer, backend, head) => {
      client.write(switchingProtocols(answer, upgrade), 'latin1')
      joinSockets(client, this.#takeHead(), backend, head)
    })
    let answered = false
    outgoing.once('response', (answer) => {
      answered = true
      this.#refuse(answer)
    })
    outgoing.on('error', (error) => {
      // What comes behind the head of an answer is for the answer to tell.
      if (client.destroyed || answered) return
      if (upstream.over === undefined) this.#onProblem?.(error)
      this.fail(upstream.over === undefined ? refusal('connection_failed') : upstream.refusal())
    })
    outgoing.end()
  }

  /** Answers in the backend's place. */
  fail(error: unknown): void {
    this.#leave?.()
    this.#leave = undefined
    if (this.#socket.writable) sendError(this.#request, answerOn(this.#request), error)
  }

  /** The backend answers without an upgrade: its answer is the client's. */
  #refuse(answer: IncomingMessage): void {
    const { statusCode = 0, statusMessage: message = '', rawHeaders } = answer
    if (statusCode < 200) return void this.fail(refusal('connection_failed'))
    const response = answerOn(this.#request)
    const headers = responseHeaders(rawHeaders, this.#request.method)
    response.writeHead(statusCode, statusMessage(message), headers)
    answer.on('error', () => this.#socket.resetAndDestroy())
    answer.pipe(response)
  }
}

/** An answer on a connection that node's server has let go of; it is the connection's last. */
export function answerOn(request: IncomingMessage): ServerResponse {
  const { socket } = request
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.destroySoon())
  // Reading on is the way to notice that the client has left.
  socket.once('end', () => socket.destroySoon()).resume()
  return response
}

function switchingProtocols(answer: IncomingMessage, upgrade: string): string {
  const headers = endToEnd(answer.rawHeaders)
  let head = 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}connection: Upgrade\r\nupgrade: ${answer.headers.upgrade ?? upgrade}\r\n\r\n`
}
