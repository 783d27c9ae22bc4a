import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { closeFrame } from '../../../src/check/lab/close-frame.ts'

/** A frame as a server sends it: unmasked. */
function frame(opcode: number, length: number): Buffer {
  // A message may look like a Close frame inside.
  const payload = Buffer.alloc(length, 0x88)
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload])
  const head = Buffer.alloc(length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

const MESSAGES = Buffer.concat([frame(1, 3), frame(2, 126), frame(9, 0), frame(2, 70_000), frame(1, 125)])

describe('the Close frame of a WebSocket server', () => {
  it.each([1, 7, 4096, 200_000])(
    'is found behind messages of all lengths, in pieces of %i bytes',
    async (size) => {
      const socket = new PassThrough()
      let isClosed = false
      const closed = closeFrame(socket).then(() => {
        isClosed = true
      })
      const write = async (bytes: Buffer) => {
        for (let at = 0; at < bytes.length; at += size) socket.write(bytes.subarray(at, at + size))
        await new Promise(setImmediate)
      }
      await write(size === 1 ? Buffer.concat([frame(1, 200), frame(9, 2)]) : MESSAGES)
      expect(isClosed).toBe(false)
      await write(frame(8, 2))
      await closed
    },
  )

  it('is found behind a message of 32 MB, of which nothing is kept', async () => {
    const socket = new PassThrough()
    const closed = closeFrame(socket)
    const bytes = Buffer.concat([frame(2, 32 * 1024 * 1024), frame(8, 2)])
    // To put the pieces together again and again would copy 64 GB.
    for (let at = 0; at < bytes.length; at += 8192) socket.write(bytes.subarray(at, at + 8192))
    await closed
  })
})
