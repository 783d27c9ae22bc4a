// @ts-check
// The least that a room on `ws` can do: what one page says goes to all.
import { createServer } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { serveForBench } from '../../shared/serve-for-bench.mjs'
import { COME_IN } from './come-in.mjs'

const server = createServer()
const room = new WebSocketServer({ server, perMessageDeflate: false })
room.on('connection', (socket) => {
  socket.send(COME_IN)
  socket.on('message', (data, isBinary) => {
    for (const other of room.clients) {
      if (other.readyState === WebSocket.OPEN) other.send(data, { binary: isBinary })
    }
  })
})
serveForBench(server)
