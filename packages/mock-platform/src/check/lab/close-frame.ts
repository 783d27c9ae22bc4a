import type { Readable } from 'node:stream'

/** What the first byte of a final Close frame is. RFC 6455, section 5.2. */
const CLOSE = 0x88

/** Resolves when a WebSocket server sends a Close frame. Reads the socket, and keeps no payload of it. */
export function closeFrame(socket: Readable): Promise<void> {
  return new Promise((resolve) => {
    let head: number[] = []
    /** How much of a payload is still to come. */
    let left = 0
    socket.on('data', (data: Buffer) => {
      for (let at = 0; at < data.length; ) {
        const skipped = Math.min(left, data.length - at)
        left -= skipped
        at += skipped
        const byte = data[at]
        if (byte === undefined) return
        head.push(byte)
        at += 1
        const length = payloadLength(head)
        if (length === undefined) continue
        if (head[0] === CLOSE) resolve()
        left = length
        head = []
      }
    })
  })
}

/** The length of a frame's payload, which a server doesn't mask, once the head is complete. */
function payloadLength(head: readonly number[]): number | undefined {
  const [, short, ...rest] = head
  if (short === undefined) return undefined
  if (short < 126) return short
  if (rest.length < (short === 126 ? 2 : 8)) return undefined
  return rest.reduce((length, byte) => length * 256 + byte, 0)
}
