// @ts-check
import { once } from 'node:events'
import { createServer } from 'node:net'
import { portOf } from './serve-for-bench.mjs'

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}
