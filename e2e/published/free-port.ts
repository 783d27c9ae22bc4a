import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port that nobody listened on a moment ago: for programs that must be told one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
