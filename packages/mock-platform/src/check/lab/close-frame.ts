import type { Readable } from 'node:stream'

/** What the first byte of a final Close frame is. RFC 6455, section 5.2. */
const CLOSE = 0x88

/** Resolves when a WebSocket server sends a Close frame. Reads the socket. */
export function closeFrame(socket: Readable): Promise<void> {
  return new Promise((resolve) => {
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      for (let length = frameLength(rest); length !== undefined; length = frameLength(rest)) {
        if (rest[0] === CLOSE) resolve()
        rest = rest.subarray(length)
      }
    })
  })
}

/** The length of the first frame, which a server doesn't mask, once all of it is there. */
function frameLength(bytes: Buffer): number | undefined {
  const [, short] = bytes
  if (short === undefined) return undefined
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < head) return undefined
  const payload = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  return bytes.length < head + payload ? undefined : head + payload
}
