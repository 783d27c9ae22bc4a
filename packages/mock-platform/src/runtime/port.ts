import { once } from 'node:events'
import { createServer, Socket } from 'node:net'

/** A port that is kept for one backend. */
export interface ReservedPort {
  port: number
  release(): void
}

/**
 * Reserves a free port without listening on it.
 *
 * As long as a connection of ours lives at the port, the kernel gives it to nobody who asks for any free
 * port: no other platform, and no other program. A server that asks for this very port still gets it, since
 * servers set SO_REUSEADDR and nobody listens.
 */
export async function reservePort(): Promise<ReservedPort> {
  const server = createServer()
  const client = new Socket().on('error', () => {})
  const ours = [client]
  const release = () => {
    for (const socket of ours) socket.destroy()
  }
  try {
    await once(server.listen(0), 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('There is no free port.')
    const accepted = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('error', () => {})
        if (socket.remotePort !== client.localPort) return socket.destroy()
        ours.push(socket)
        return resolve()
      })
    })
    await Promise.all([once(client.connect(address.port, '127.0.0.1'), 'connect'), accepted])
    return { port: address.port, release }
  } catch (error) {
    release()
    throw error
  } finally {
    server.close()
  }
}
