// @ts-check
// A backend: answers every request with the same kilobyte, and sends every message back.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const port = Number(process.env.PORT)
const body = Buffer.alloc(1024, 'x')
// The port lets the bench reach the very same process directly.
const headers = { 'content-type': 'text/plain', 'content-length': body.length, 'x-port': port }
const server = createServer((_request, response) => response.writeHead(200, headers).end(body))

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }))
})

server.listen(port, '127.0.0.1', 4096)
