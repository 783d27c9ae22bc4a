// Sends messages to a socket.io server for `mock-platform check --edits`, by engine.io's protocol. The server confirms nothing.
import { once } from 'node:events'
import { WebSocket } from 'ws'

/** @type {import('@session-backend/mock-platform').OpenEdits} */
export default async function open({ url }) {
  const socket = new WebSocket(url)
  const lost = once(socket, 'close').then(() => {
    throw new Error('The connection was lost.')
  })
  // It may be lost while nobody waits for it.
  lost.catch(() => {})
  const connected = new Promise((resolve) => {
    socket.on('message', (data) => {
      const packet = String(data)
      if (packet === '2') socket.send('3')
      if (packet.startsWith('40')) resolve(undefined)
    })
  })
  await once(socket, 'open')
  socket.send('40')
  await Promise.race([connected, lost])
  return {
    edit(id, size = 0) {
      socket.send(`42${JSON.stringify(['message', String(id).padEnd(size)])}`)
      return lost
    },
    read: async () => [],
    close: () => socket.terminate(),
  }
}
