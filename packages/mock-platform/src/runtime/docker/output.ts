import { StringDecoder } from 'node:string_decoder'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How much is read in one turn of the event loop, in bytes: all of it may be pieces of one byte. */
const MAX_CHUNK = 4_096
/** Before each piece: where it comes from, three zeros, and how many bytes it has. */
const HEADER = 8
const SOURCES = ['stdin', 'stdout', 'stderr']

/**
 * Takes apart what a container writes, as the engine sends it: pieces of stdout and stderr in turn.
 *
 * @param onText Gets the text as it comes in. A character is never torn.
 * @returns What takes the bytes, in any chunks.
 */
export function createOutputReader(
  onText: (text: string, source: string) => void,
): (chunk: Uint8Array) => void {
  const decoders = new Map(SOURCES.map((source) => [source, new StringDecoder('utf8')]))
  const header = Buffer.alloc(HEADER)
  let headerLength = 0
  let source = ''
  let left = 0

  return (chunk) => {
    let position = 0
    while (position < chunk.length) {
      if (left === 0) {
        header[headerLength++] = chunk[position++] ?? 0
        if (headerLength < HEADER) continue
        headerLength = 0
        source = SOURCES[header.readUInt8(0)] ?? ''
        left = header.readUInt32BE(4)
        continue
      }
      const piece = chunk.subarray(position, position + left)
      position += piece.length
      left -= piece.length
      const text = decoders.get(source)?.write(Buffer.from(piece))
      if (text) onText(text, source)
    }
  }
}

/** Reads all that a container writes, well-formed or not, without holding up the event loop. */
export async function readOutput(
  output: AsyncIterable<Uint8Array>,
  onText: (text: string, source: string) => void,
): Promise<void> {
  const read = createOutputReader(onText)
  for await (const chunk of output) {
    for (let start = 0; start < chunk.length; start += MAX_CHUNK) {
      read(chunk.subarray(start, start + MAX_CHUNK))
      await nextTurn()
    }
  }
}
