// A socket.io server as its documentation begins.
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server)
io.on('connection', (socket) => {
  socket.on('message', (text) => io.emit('message', text))
})
server.listen(Number(process.env.PORT))
