/** The UTF-8 bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Cuts bytes at some places; two at the same place make an empty chunk. */
export function cut(whole: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = places.map((place) => place % (whole.length + 1)).sort((a, b) => a - b)
  return [...ends, whole.length].map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
}

/** One chunk for each byte. */
export function byteByByte(whole: Uint8Array): Uint8Array[] {
  return [...whole].map((byte) => Uint8Array.of(byte))
}

/** A body that hands out one chunk at a time, and tells when it was cancelled. */
export function bodyOf(chunks: readonly Uint8Array[], onCancel?: () => void): ReadableStream<Uint8Array> {
  const rest = [...chunks]
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
    cancel: () => onCancel?.(),
  })
}
