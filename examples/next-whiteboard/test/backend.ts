import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { admit } from '../backend/admit.ts'
import { Board } from '../backend/board.ts'
import { Room } from '../backend/room.ts'
import type { Stroke } from '../shared/messages.ts'
import { signTicket } from '../shared/ticket.ts'

const SECRET = 'a secret that is long enough for anybody'

/** A board's backend on a port of its own, whose file is an array. */
export async function startBackend(strokes: Stroke[] = []) {
  const board = new Board(strokes)
  const room = new Room(board, () => {})
  const server = new WebSocketServer({ port: 0, maxPayload: 1024 })
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const address = server.address()
  const url = new URL(`ws://localhost:${typeof address === 'object' ? address?.port : ''}`)
  const admitted: Promise<void>[] = []
  server.on('connection', (socket, { url = '/' }) => {
    admitted.push(
      admit(socket, url, { board: 'doodles', secret: SECRET, join: (...arrival) => room.join(...arrival) }),
    )
  })
  return {
    /** Where it listens. */
    address: url,
    room,
    server,
    /** What became of each socket, in the order in which they came. */
    admitted,
    open: (path: string, options: ClientOptions = {}) => new WebSocket(url.origin + path, options),
    ticket: (role: 'editor' | 'viewer' = 'editor') =>
      signTicket({ board: 'doodles', name: 'Ada', role }, SECRET),
  }
}
