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
  /**
   * The longest event, in UTF-16 units: everything between two empty lines, line breaks excepted. Default
   * 65,536.
   */
  maxLength?: number
  /** Called for each chunk of bytes, comments included: a sign that the other side is alive. */
  onActivity?: () => void
  /** Called with the value of each valid `retry:` field, in ms. */
  onRetry?: (ms: number) => void
}

const MAX_LENGTH = 64 * 1024
const LINE_END = /\r\n?|\n/
/** Any other `retry:` is ignored; the parser would take its first digits. */
const BOGUS_RETRY = /^retry:(?! ?\d+$)/

/**
 * Reads the events of a `text/event-stream` body, as the HTML standard defines them. How the bytes are cut
 * into chunks makes no difference. An event that is cut off by the end of the body is discarded.
 *
 * Cancels the body when the consumer stops early. Holds at most `maxLength` characters and one chunk in
 * memory.
 *
 * @throws SessionBackendError `payload_too_large` when a line or an event is longer than `maxLength`.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, void> {
  const { maxLength = MAX_LENGTH, onActivity, onRetry } = options
  const events: ServerSentEvent[] = []
  const parser = createParser((found) => {
    if (found.type === 'event') events.push({ data: found.data, event: found.event, id: found.id })
    else onRetry?.(found.value)
  })
  const readLine = (line: string) => {
    if (!BOGUS_RETRY.test(line)) parser.feed(`${line}\n`)
  }
  // The decoder removes the byte order mark. The parser would remove a second one, if its first character
  // were one.
  readLine('')
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let line = ''
  let eventLength = 0
  let afterCr = false
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      onActivity?.()
      const text = decoder.decode(value, { stream: true })
      // Cut between CR and LF, the two still end one line. The parser itself would wait for the next chunk.
      const [start = '', ...others] = text.slice(afterCr && text.startsWith('\n') ? 1 : 0).split(LINE_END)
      if (text) afterCr = text.endsWith('\r')
      add(start)
      for (const other of others) {
        if (line === '') eventLength = 0
        readLine(line)
        // Most lines don't end an event, and `yield*` is slow.
        if (events.length > 0) yield* events.splice(0)
        line = ''
        add(other)
      }
    }
  } finally {
    // A body that has already failed has nothing left to cancel.
    await reader.cancel().catch(() => {})
  }

  function add(part: string) {
    line += part
    eventLength += part.length
    if (eventLength <= maxLength) return
    throw new SessionBackendError(
      'payload_too_large',
      `An event of the stream is longer than ${maxLength} characters.`,
    )
  }
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
