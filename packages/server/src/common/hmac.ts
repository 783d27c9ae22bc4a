import { type BinaryToTextEncoding, hash } from 'node:crypto'

/** SHA-256 works on blocks of this many bytes. */
const BLOCK = 64
const DIGEST = 32

/** The HMAC-SHA-256 of a text. */
export interface Hmac {
  (text: string): Buffer
  (text: string, encoding: BinaryToTextEncoding): string
}

/**
 * HMAC-SHA-256 (RFC 2104) with one key, for many short texts: two hashes over blocks that are prepared once.
 *
 * `createHmac` makes an object outside of JavaScript's heap for each text. Two of them took a fourth of our share of a request.
 *
 * @param key At most 64 bytes.
 */
export function createHmacOf(key: Uint8Array): Hmac {
  const inner = padded(key, 0x36, BLOCK)
  const outer = padded(key, 0x5c, BLOCK + DIGEST)

  function hmac(text: string): Buffer
  function hmac(text: string, encoding: BinaryToTextEncoding): string
  function hmac(text: string, encoding?: BinaryToTextEncoding): Buffer | string {
    const message = Buffer.allocUnsafe(BLOCK + Buffer.byteLength(text))
    message.set(inner)
    message.write(text, BLOCK)
    outer.set(hash('sha256', message, 'buffer'), BLOCK)
    return encoding === undefined ? hash('sha256', outer, 'buffer') : hash('sha256', outer, encoding)
  }
  return hmac
}

/** A key, filled up to a block and made different for each of the two hashes, with room for a digest behind it. */
function padded(key: Uint8Array, pad: number, length: number): Buffer {
  const block = Buffer.alloc(length, pad)
  for (const [index, byte] of key.entries()) block[index] = byte ^ pad
  return block
}
