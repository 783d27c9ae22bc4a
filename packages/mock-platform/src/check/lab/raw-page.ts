import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { Finding } from './finding.ts'

/** How long a handshake may take, in ms. */
const OPEN_LIMIT = 10_000

/**
 * Opens a WebSocket whose frames nobody reads or answers, as a page's that hangs or has vanished.
 *
 * @param url As `http:`.
 */
export async function openRawPage(url: string, signal: AbortSignal): Promise<Socket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }
  const handshake = request(url, { headers, agent: false, timeout: OPEN_LIMIT, signal })
  handshake.once('timeout', () => handshake.destroy(new Error('it was not answered in time')))
  const answered = new Promise<Socket>((resolve, reject) => {
    handshake.once('upgrade', (_answer, socket: Socket, head) => {
      socket.unshift(head)
      resolve(socket)
    })
    handshake.once('response', ({ statusCode }) => reject(new Error(`it was answered with ${statusCode}`)))
    handshake.once('error', reject)
  })
  handshake.end()
  try {
    const socket = await answered
    socket.setTimeout(0)
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
    // What follows is 'close'.
    socket.on('error', () => {})
    return socket
  } catch (error) {
    handshake.destroy()
    signal.throwIfAborted()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Finding(`A handshake failed: ${reason}.`, 'Check the path of --path.')
  }
}

/** Writes as fast as the other side reads. Resolves to false if it reads nothing for `patience` ms, or has closed. */
export async function writeAll(
  socket: Socket,
  chunk: Buffer,
  total: number,
  patience: number,
): Promise<boolean> {
  for (let written = 0; written < total; written += chunk.length) {
    if (socket.destroyed || !socket.writable) return false
    if (!socket.write(chunk) && !(await drains(socket, patience))) return false
  }
  return true
}

function drains(socket: Socket, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (drained: boolean) => {
      clearTimeout(timer)
      socket.off('drain', onDrain).off('close', onClose)
      resolve(drained)
    }
    const onDrain = () => settle(true)
    const onClose = () => settle(false)
    const timer = setTimeout(onClose, patience)
    socket.once('drain', onDrain).once('close', onClose)
  })
}

/** Frames with a ping each, as many as fit into `size` bytes. */
export function pings(size: number): Buffer {
  const PAYLOAD = 125
  // A final ping frame that is masked, with the mask 0.
  const frame = Buffer.concat([Buffer.from([0x89, 0x80 | PAYLOAD, 0, 0, 0, 0]), Buffer.alloc(PAYLOAD)])
  return Buffer.concat(Array.from({ length: Math.floor(size / frame.length) }, () => frame))
}
