import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { DockerEngine } from '../../../src/runtime/docker/engine.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** A client of an engine that answers as the test says, and what was asked. */
export async function startEngine(answer: RequestListener) {
  const received: IncomingMessage[] = []
  const socketPath = join(tempFolder(), 'docker.sock')
  const server = createServer((request, response) => {
    received.push(request)
    answer(request, response)
  }).listen(socketPath)
  await once(server, 'listening')
  const engine = new DockerEngine(socketPath)
  onTestFinished(async () => {
    await engine.close()
    server.closeAllConnections()
    server.close()
  })
  return { engine, received, asked: () => received.map(({ method, url }) => `${method} ${url}`) }
}
