import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/**
 * Proxies compress answers even if the request doesn't allow it. Decoded bytes are passed on at once, because
 * a stream may last for days.
 */
const DECODERS: Record<string, () => Transform> = {
  gzip: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
}

/** The body as it was before it was encoded. */
export function decodeStream(body: Readable, encoding: unknown): Readable {
  const decoder = decoderOf(encoding)
  return decoder ? pipeline(body, decoder, () => {}) : body
}

/** Throws if more than `maxBytes` come out. `undefined` if the bytes are not encoded. */
export async function decodeBytes(bytes: Buffer, encoding: unknown, maxBytes: number): Promise<Buffer> {
  const decoder = decoderOf(encoding)
  if (!decoder) return bytes
  let length = 0
  decoder.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > maxBytes) decoder.destroy(new Error(`The answer is longer than ${maxBytes} bytes.`))
  })
  decoder.end(bytes)
  return buffer(pipeline(decoder, new PassThrough(), () => {}))
}

function decoderOf(encoding: unknown): Transform | undefined {
  return typeof encoding === 'string' && Object.hasOwn(DECODERS, encoding.toLowerCase())
    ? DECODERS[encoding.toLowerCase()]?.()
    : undefined
}
