import type { WebSocket } from 'ws'

const PING_INTERVAL = 20_000

/** Ends a socket whose other end no longer answers pings: of a lost network it hears nothing else. */
export function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let alive = true
  socket.on('pong', () => {
    alive = true
  })
  return setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, PING_INTERVAL)
}
