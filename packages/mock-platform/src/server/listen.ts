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

/**
 * How many connections may wait to be accepted. With Node's 511, of 2,000 pages that come back within 100 ms most would try
 * again after 1, 3, 7 and 15 s.
 */
const BACKLOG = 4096

/** Lets a server listen. */
export async function listen(host: string, port: number): Promise<ListeningServer> {
  const server = createServer(SERVER_OPTIONS)
  await once(server.listen(port, host, BACKLOG), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return { server, port: address.port }
}

/** Whether a server can't listen because another program does. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
