/**
 * The longest line of a log that is passed on, in UTF-16 units or bytes. PROTOCOL.md: a client gives a stream
 * up when a line or an event is longer than 65,536 characters.
 */
const MAX_LENGTH = 32 * 1024

/** What a line that was cut ends with. */
const CUT = ' [the rest of this line was cut]'

/** The line, cut and marked if it is too long. */
export function cutLine(line: string): string {
  if (line.length <= MAX_LENGTH) return line
  // Not between the two halves of a character.
  return line.slice(0, MAX_LENGTH).replace(/[\ud800-\udbff]$/, '') + CUT
}

const LF = 10
const CR = 13

/**
 * An event stream whose events are no longer than 32 KiB: the rest of a longer one is dropped, and the cut is
 * marked. The events after it are as they were.
 */
export function cutLongEvents(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const cutter = new EventCutter()
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(cutter.cut(chunk)),
    }),
  )
}

/** Goes over an event stream chunk by chunk, and from one line break to the next. */
class EventCutter {
  readonly #mark = Buffer.from(CUT)
  /** How many bytes of the event were passed on. */
  #event = 0
  /** Whether the line has any bytes yet: an event ends at an empty line. */
  #isEmptyLine = true
  /** What is left out: the rest of the line, then all lines up to the end of the event. */
  #dropping: 'nothing' | 'line' | 'event' = 'nothing'
  #endedWithCR = false

  cut(chunk: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    let kept = 0
    let start = 0
    /** Passes on what comes before `from`, and leaves out all up to `to`. */
    const drop = (from: number, to: number) => {
      if (from > kept) parts.push(chunk.subarray(kept, from))
      kept = to
    }
    for (const end of lineBreaks(chunk)) {
      if (end > start) this.#takeText(chunk, start, end, drop, parts)
      if (end < chunk.length && !this.#takeBreak(chunk[end])) drop(end, end + 1)
      start = end + 1
    }
    if (parts.length === 0 && kept === 0) return chunk
    return Buffer.concat([...parts, chunk.subarray(kept)])
  }

  #takeText(chunk: Uint8Array, start: number, end: number, drop: Drop, parts: Uint8Array[]): void {
    this.#isEmptyLine = false
    this.#endedWithCR = false
    if (this.#dropping !== 'nothing') {
      drop(start, end)
      return
    }
    let cut = start + MAX_LENGTH - this.#event
    // Not within a character: its further bytes are 10xxxxxx.
    while (cut < end && ((chunk[cut] ?? 0) & 0xc0) === 0x80) cut++
    this.#event = Math.min(this.#event + end - start, MAX_LENGTH)
    if (cut >= end) return
    this.#dropping = 'line'
    drop(cut, end)
    parts.push(this.#mark)
  }

  /** Whether the line break is passed on. */
  #takeBreak(byte: number | undefined): boolean {
    const isSecondHalf = byte === LF && this.#endedWithCR
    this.#endedWithCR = byte === CR
    if (isSecondHalf) return this.#dropping === 'nothing'
    const isEndOfEvent = this.#isEmptyLine
    const isKept = isEndOfEvent || this.#dropping !== 'event'
    this.#isEmptyLine = true
    if (isEndOfEvent) {
      this.#event = 0
      this.#dropping = 'nothing'
    } else if (this.#dropping === 'line') this.#dropping = 'event'
    return isKept
  }
}

type Drop = (from: number, to: number) => void

/** Where the line breaks of a chunk are, and its end. */
function* lineBreaks(chunk: Uint8Array): Generator<number, void, void> {
  let lf = -1
  let cr = -1
  for (let at = 0; at < chunk.length; ) {
    if (lf < at) lf = indexOf(chunk, LF, at)
    if (cr < at) cr = indexOf(chunk, CR, at)
    const end = Math.min(lf, cr)
    yield end
    at = end + 1
  }
}

function indexOf(chunk: Uint8Array, byte: number, from: number): number {
  const index = chunk.indexOf(byte, from)
  return index < 0 ? chunk.length : index
}
