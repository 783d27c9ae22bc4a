// @ts-check
// The program whose start is timed, as one of a warm pool: it answers with how it was started.
import { createServer } from 'node:http'
import { connect } from 'node:net'

const { PORT, SESSION_BACKEND_SOCKET } = process.env

/** @param {string} answer @param {() => void} listening */
function serve(answer, listening) {
  const server = createServer((_request, response) => response.end(answer))
  server.listen(Number(PORT), '127.0.0.1', listening)
}

if (SESSION_BACKEND_SOCKET === undefined) serve('cold', () => console.log('listening'))
else {
  const socket = connect(SESSION_BACKEND_SOCKET)
  socket.write('{"message":"Warmed"}\n')
  socket.once('data', () => serve('warm', () => socket.write('{"message":"Ready"}\n')))
}
