import { createParser } from 'eventsource-parser'
import { SessionBackendError } from './errors.ts'

/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  data: string
  event?: string | undefined
  /** The value of the event's own `id:` field. */
  id?: string | undefined
}

/** Options of {@link readEvents}. */
export interface ReadEventsOptions {
  /** The longest event, in UTF-16 units: everything between two empty lines, line breaks excepted. Default 65,536. */
  maxLength?: number
  /** Called for each chunk of bytes, comments included: a sign that the other side is alive. */
  onActivity?: () => void
  /** Called with the value of each valid `retry:` field, in ms. */
  onRetry?: (ms: number) => void
}

const MAX_LENGTH = 64 * 1024

/**
 * Reads the events of a `text/event-stream` body, as the HTML standard defines them. How the bytes are cut into
 * chunks makes no difference. An event that is cut off by the end of the body is discarded.
 *
 * Cancels the body when the consumer stops early. Holds at most `maxLength` characters and one chunk in memory.
 *
 * @throws SessionBackendError `payload_too_large` when a line or an event is longer than `maxLength`.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, void> {
  const { maxLength = MAX_LENGTH, onActivity, onRetry } = options
  const found: (ServerSentEvent | number)[] = []
  const parser = createParser({
    onEvent: (event) => found.push(event),
    onRetry: (ms) => found.push(ms),
  })
  // The decoder removes the byte order mark. The parser would remove a second one, if its first character were one.
  parser.feed('\n')
  const lengthWithin = createLimit(maxLength)
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      onActivity?.()
      const text = decoder.decode(value, { stream: true })
      const length = lengthWithin(text)
      parser.feed(text.slice(0, length))
      for (const item of found.splice(0)) {
        if (typeof item === 'number') onRetry?.(item)
        else yield item
      }
      if (length < text.length) {
        throw new SessionBackendError(
          'payload_too_large',
          `An event of the stream is longer than ${maxLength} characters.`,
        )
      }
    }
  } finally {
    // A body that has already failed has nothing left to cancel.
    await reader.cancel().catch(() => {})
  }
}

/**
 * Creates a function that returns how many characters of each next text can be read before an event is longer than
 * `max`. The parser's own `maxBufferSize` ignores comments and single-line events, and depends on how text is cut.
 */
function createLimit(max: number): (text: string) => number {
  let eventLength = 0
  let previous = '\n'
  return (text) => {
    for (let index = 0; index < text.length; index++) {
      const character = text.charAt(index)
      if (!isLineBreak(character)) {
        if (++eventLength > max) return index
      } else if (isLineBreak(previous) && previous + character !== '\r\n') {
        // An empty line ends the event.
        eventLength = 0
      }
      previous = character
    }
    return text.length
  }
}

function isLineBreak(character: string): boolean {
  return character === '\n' || character === '\r'
}

/**
 * One event as it goes over the wire. Any line break in `data` starts a new `data:` line, so that no
 * text can forge an event; line breaks in `event` and `id` are refused with `invalid_option`.
 */
export function encodeEvent({ data, event, id }: ServerSentEvent): string {
  if (/[\r\n\0]/.test(`${event ?? ''}${id ?? ''}`)) {
    throw new SessionBackendError('invalid_option', "An event's name and id take no line break and no NUL.")
  }
  const head = `${event === undefined ? '' : `event: ${event}\n`}${id === undefined ? '' : `id: ${id}\n`}`
  return `${head}${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
}

/** A comment that keeps a stream's connections open and tells the reader that the writer lives. */
export const HEARTBEAT = ':\n\n'

/** How often a server sends {@link HEARTBEAT} on a stream that is otherwise silent, in ms. */
export const HEARTBEAT_INTERVAL = 15_000
