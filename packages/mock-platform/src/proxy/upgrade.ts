import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answerOn, type PlatformRequest } from '../server/messages.ts'
import { destroyOnceAbandoned } from './abandoned.ts'
import { refusal } from './errors.ts'
import { endToEnd, requestHeaders } from './headers.ts'
import { Reply } from './reply.ts'
import type { ProxyRoute, ProxyTarget } from './route.ts'
import { openSingle, relayAnswer } from './single-request.ts'
import { holdBack, joinSockets } from './tunnel.ts'
import type { Upstream } from './upstream.ts'

/**
 * One upgrade to a WebSocket: the handshake goes through a parser on both sides, then the two sockets are
 * joined. It counts as activity from the moment the backend is connected until the client's socket is closed.
 */
export class Upgrade {
  readonly #socket: Socket
  readonly #takeHead: () => Buffer
  #leave: (() => void) | undefined

  constructor(
    private readonly request: PlatformRequest,
    head: Buffer,
    private readonly route: ProxyRoute,
    private readonly target: ProxyTarget,
    private readonly onProblem: ((problem: unknown) => void) | undefined,
  ) {
    this.#socket = request.socket
    destroyOnceAbandoned(request.socket, request.socket)
    this.#takeHead = holdBack(request.socket, head)
    this.#socket.once('close', () => this.#leave?.())
  }

  enter(): void {
    if (!this.#socket.destroyed) this.#leave ??= this.route.enter()
  }

  /** Sends the handshake; throws `bad_request` if it can't be sent as it is. */
  send(upstream: Upstream): void {
    const client = this.#socket
    if (client.destroyed) return
    const headers = requestHeaders(this.request, this.route.verifiedHeaders, this.target)
    headers.push('connection', 'Upgrade', 'upgrade', 'websocket')
    const outgoing = openSingle(upstream, { method: 'GET', path: this.target.path, headers }, () =>
      this.enter(),
    )
    const untrack = upstream.track(() => {
      outgoing.destroy()
      client.destroy()
    })
    client.once('close', () => {
      untrack()
      outgoing.destroy()
    })
    outgoing.once('upgrade', (answer, backend: Socket, head) => {
      client.write(switchingProtocols(answer), 'latin1')
      if (head.length > 0) this.route.spoke()
      else backend.once('data', () => this.route.spoke())
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
      if (upstream.over === undefined) this.onProblem?.(error)
      this.fail(upstream.over === undefined ? refusal('connection_failed') : upstream.refusal())
    })
    outgoing.end()
  }

  /** Answers in the backend's place. */
  fail(error: unknown): void {
    this.#leave?.()
    this.#leave = undefined
    if (this.#socket.writable) this.#answer().reply.fail(error)
  }

  /** The backend answers without an upgrade: its answer is the client's. */
  #refuse(answer: IncomingMessage): void {
    const { reply, response } = this.#answer()
    relayAnswer(answer, { reply, response, lost: () => reply.fail(refusal('connection_failed')) })
  }

  /** The socket is an HTTP connection again, for one last answer. */
  #answer(): { reply: Reply; response: ServerResponse } {
    this.#takeHead()
    const response = answerOn(this.request)
    return { reply: new Reply(this.request, response, this.target), response }
  }
}

function switchingProtocols(answer: IncomingMessage): string {
  const headers = endToEnd(answer.rawHeaders)
  let head = 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}connection: Upgrade\r\nupgrade: ${answer.headers.upgrade ?? 'websocket'}\r\n\r\n`
}
