import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** The platform's side of a warm pool: what a backend says, line by line, and the way to answer. */
export async function openWarmPool(path: string) {
  await mkdir(dirname(path), { recursive: true })
  const said: unknown[] = []
  const sockets: Socket[] = []
  const waiting = new Set<() => void>()
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    createInterface({ input: socket }).on('line', (line) => {
      said.push(JSON.parse(line).message)
      for (const each of waiting) each()
    })
  })
  server.listen(path)
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await rm(path, { force: true })
  })
  return {
    said,
    /** Resolves once the backend has said this. */
    hears: (message: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (said.includes(message)) resolve()
        }
        waiting.add(look)
        look()
      }),
    write: (text: string) => sockets[0]?.write(text),
    end: () => sockets[0]?.end(),
    assign: (assignment: object) =>
      sockets[0]?.write(`${JSON.stringify({ message: { BackendAssignment: assignment } })}\n`),
  }
}
