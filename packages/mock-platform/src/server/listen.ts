import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type PlatformRequest, type PlatformResponse, SERVER_OPTIONS } from './messages.ts'

/** A server of the platform, for its API and backends or for its dashboard. */
export type HttpServer = Server<typeof PlatformRequest, typeof PlatformResponse>

/** A server that listens, and what is asked of it once its address is known. */
export interface ListeningServer {
  server: HttpServer
  port: number
}

/** Lets a server listen. */
export async function listen(host: string, port: number): Promise<ListeningServer> {
  const server = createServer(SERVER_OPTIONS)
  await once(server.listen(port, host), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { server, port: address.port }
}
