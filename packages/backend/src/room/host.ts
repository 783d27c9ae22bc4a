import { once } from 'node:events'
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { SessionBackendError } from '@session-backend/core'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ControlEndpoint } from '../control/endpoint.ts'

/** How many connections may wait to be accepted, when many pages come back at once. Node's default is 511. */
const BACKLOG = 4096

/** The server of a room. */
export interface Host {
  /** Listens, by default on all interfaces. Resolves to the port; for 0, the system picks one. */
  listen(port: number, address?: string): Promise<number>
  /** Accepts no more connections. */
  close(): void
}

/** Accepts WebSockets and control requests of the app's server, and nothing else. */
export function createHost(
  maxPayload: number,
  enter: (socket: WebSocket, request: IncomingMessage) => void,
  control: ControlEndpoint,
): Host {
  const server = createServer((request, response) => {
    if (control(request, response)) return
    response.writeHead(426, { upgrade: 'websocket' }).end('This backend speaks WebSocket.\n')
  })
  // Compression costs each connection memory, and a room's messages are small.
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    if (server.listening) sockets.handleUpgrade(request, socket, head, enter)
    else refuse(socket)
  })
  return {
    async listen(port, host) {
      server.listen({ port, backlog: BACKLOG, ...(host !== undefined && { host }) })
      await once(server, 'listening').catch((cause: unknown) => Promise.reject(listenError(cause, port)))
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}

/** A port that is taken means that somebody runs a backend by hand: a platform picks free ones. */
function listenError(cause: unknown, port: number): unknown {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) return cause
  return new SessionBackendError(
    'invalid_option',
    `Port ${port} is in use by another program. The platform gives each backend a free port: open the document in your app. To run a backend by hand, set PORT to a free port.`,
    { cause },
  )
}

/** The backend is stopping. This request came over an older keep-alive connection. */
function refuse(socket: Duplex): void {
  socket.on('error', () => {})
  socket.end(`HTTP/1.1 503 ${STATUS_CODES[503]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
