import type { Socket } from 'node:net'

/** When one side has ended, the other side is closed once it is silent for this long, in ms. */
const HALF_OPEN_LIMIT = 2_000

/** How many bytes are kept that a client sends before its handshake is answered. */
const EARLY_LIMIT = 64 * 1024

/**
 * Reads a client's socket while there is nobody to pass its bytes to, so that its end is noticed. The
 * function it returns stops that, and hands out what was read.
 */
export function holdBack(socket: Socket, head: Buffer): () => Buffer {
  const chunks = [head]
  let length = head.length
  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > EARLY_LIMIT) socket.pause()
  }
  const onEnd = () => socket.destroySoon()
  socket.on('data', onData).on('end', onEnd)
  return () => {
    socket.pause().off('data', onData).off('end', onEnd)
    return Buffer.concat(chunks)
  }
}

/**
 * Joins two sockets: what one sends the other gets, as fast as the slower one reads. The end of one side is
 * passed on to the other, and the loss of one is the loss of both.
 *
 * @param clientHead What the client sent after its handshake.
 * @param backendHead What the backend sent after its answer.
 */
export function joinSockets(client: Socket, clientHead: Buffer, backend: Socket, backendHead: Buffer): void {
  if (backendHead.length > 0) client.write(backendHead)
  if (clientHead.length > 0) backend.write(clientHead)
  forward(client, backend)
  forward(backend, client)
}

function forward(from: Socket, to: Socket): void {
  const limit = () => to.setTimeout(HALF_OPEN_LIMIT, () => to.destroy())
  from.setNoDelay(true)
  from.pipe(to)
  from.once('end', limit)
  from.once('close', () => {
    limit()
    to.destroySoon()
  })
  // What follows is 'close'.
  from.on('error', () => {})
}
