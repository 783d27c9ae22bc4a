import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ConnectionUrls } from '../proxy/connection-url.ts'
import type { BackendProxy } from '../proxy/index.ts'
import { SERVER_OPTIONS } from '../proxy/index.ts'

/** A server that listens, and what is asked of it once its address is known. */
export interface PlatformServer {
  server: Server
  port: number
}

/** Lets a server listen. */
export async function listen(host: string, port: number): Promise<PlatformServer> {
  const server = createServer(SERVER_OPTIONS)
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { server, port: address.port }
}

/** Divides what comes in between the API and the backends. */
export function serve(
  server: Server,
  api: (request: IncomingMessage, response: ServerResponse) => void,
  proxy: BackendProxy,
  urls: ConnectionUrls,
): void {
  /** The last answer on each connection. */
  const last = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (request, response) => {
    last.set(request.socket, response)
    const target = urls.parse(request)
    if (target) proxy.handleRequest(request, response, target)
    else api(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    // From here on nobody puts answers in order: behind a request that still waits for its own there is none.
    if (last.get(socket)?.writableFinished === false) return void socket.destroy()
    const target = urls.parse(request)
    const toWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
    if (target && toWebSocket) proxy.handleUpgrade(request, socket, head, target)
    else ignoreUpgrade(server, request, head)
  })
}

/**
 * RFC 9110, section 7.8: a server may ignore an upgrade. Node has let go of the connection, with the body that may
 * follow: it is given the same request again, without what asks for the upgrade.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders, socket } = request
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.toLowerCase() !== 'upgrade') text += `${name}: ${rawHeaders[i + 1]}\r\n`
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
