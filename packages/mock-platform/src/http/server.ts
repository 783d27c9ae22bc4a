import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { ConnectionUrls } from '../connection-url.ts'
import type { BackendProxy } from '../proxy/index.ts'
import { SERVER_OPTIONS } from '../proxy/index.ts'
import { answerOn } from '../proxy/upgrade.ts'

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
  server.on('request', (request, response) => {
    const target = urls.parse(request)
    if (target) proxy.handleRequest(request, response, target)
    else api(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    const target = urls.parse(request)
    if (target) return proxy.handleUpgrade(request, socket, head, target)
    // The API has nothing to upgrade to, and answers as if it had not been asked.
    socket.on('error', () => {})
    return api(request, answerOn(request))
  })
}

/** An address as a URL has it; one that stands for all of them is not an address to connect to. */
export function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
