import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The requests of each connection that are not answered yet. */
const unanswered = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * A request to the platform. It decides once whether it takes its connection out of HTTP: only a WebSocket
 * handshake on a connection that owes no earlier answer does. Node would take every request that asks for an
 * upgrade, in the middle of another answer too, and hands out its body in a different way in each version.
 */
export class PlatformRequest extends IncomingMessage {
  // Node's constructor sets `upgrade`: fields with initial values would come too late.
  declare private asksForUpgrade: boolean | undefined
  declare private takesConnection: boolean | undefined

  /** Whether the connection leaves HTTP behind this request; node's server sets and reads it. */
  get upgrade(): boolean {
    if (this.asksForUpgrade !== true) return false
    this.takesConnection ??= isHandshake(this) && this.socket.writable && answersOn(this.socket).size === 0
    return this.takesConnection
  }

  set upgrade(asked: boolean) {
    this.asksForUpgrade = asked
  }

  /**
   * Whether it asked for an upgrade (or was a CONNECT) and is answered like any other request. Its answer
   * must be the connection's last: node drops what came in the same packet behind it (20.20, 22.23, 24.21 and
   * 26.10 do).
   */
  get ignoresUpgrade(): boolean {
    return this.asksForUpgrade === true && !this.upgrade
  }
}

/**
 * An answer of the platform. It emits 'close' when its connection is lost, also while it waits behind another
 * answer.
 */
export class PlatformResponse extends ServerResponse<PlatformRequest> {
  /** Node passes more than the request, of which its types tell nothing. */
  constructor(...node: [request: PlatformRequest]) {
    super(...node)
    const answers = answersOn(node[0].socket)
    answers.add(this)
    this.once('close', () => answers.delete(this))
  }
}

/** The options with which a server must be created, so that it keeps the platform's rules. */
export const SERVER_OPTIONS = {
  /** A connection that sends its headers slower than this is closed, in ms. An upload has no limit. */
  headersTimeout: 15_000,
  requestTimeout: 0,
  /**
   * Idle connections are kept for so long, in ms, as clients are told. With node's 5 s, a client that was
   * busy for a second sent a spawn request on a connection that was being closed: 1 of 200 was ECONNRESET
   * while 100 processes started.
   */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  /** Ambiguous framing is answered with 400. */
  insecureHTTPParser: false,
  IncomingMessage: PlatformRequest,
  ServerResponse: PlatformResponse,
} as const

/** The answer to a request that has taken its connection: the connection's last. */
export function answerOn(request: PlatformRequest): PlatformResponse {
  const { socket } = request
  const response = new PlatformResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.destroySoon())
  // Node passes this on for its own connections only.
  socket.on('drain', () => response.emit('drain'))
  // Only by reading on does the server notice that the client has left.
  socket.once('end', () => socket.destroySoon()).resume()
  return response
}

/** Whether a body follows the head of a request. RFC 9112, section 6.3. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Whether a request asks for a WebSocket, well-formed or not. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** RFC 6455, section 4.1. */
function isHandshake(request: IncomingMessage): boolean {
  const { method, httpVersion } = request
  return asksForWebSocket(request) && method === 'GET' && httpVersion === '1.1' && !hasBody(request)
}

function answersOn(socket: Socket): Set<ServerResponse> {
  const known = unanswered.get(socket)
  if (known) return known
  const answers = new Set<ServerResponse>()
  unanswered.set(socket, answers)
  // One listener, however many requests are pipelined. Node tells only the answer whose turn it is.
  socket.once('close', () => {
    for (const answer of answers) if (answer.socket === null) answer.destroy().emit('close')
  })
  return answers
}
