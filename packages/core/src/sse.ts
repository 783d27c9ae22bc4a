import { SessionBackendError } from './errors.ts'

/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  data: string
  event?: string | undefined
  /** The value of the event's own `id:` field. */
  id?: string | undefined
}

/** What {@link readEvents} tells besides the events. */
export interface ReadEventsOptions {
  /** The longest line and the longest event, in UTF-16 units. Default 65,536. */
  maxLength?: number
  /** Called for every chunk of bytes, comments included: a sign that the other side lives. */
  onActivity?: () => void
  /** Called with the value of a `retry:` field, in ms. */
  onRetry?: (ms: number) => void
}

const MAX_LENGTH = 64 * 1024

/**
 * Reads the events of a `text/event-stream` body, as the HTML standard has it: however the bytes are cut
 * into chunks, the events are the same. An event that the end of the body cuts off is discarded.
 *
 * The body is cancelled when the reader stops early. Throws `payload_too_large` where a line or an event is
 * longer than `maxLength`; at most that much and one chunk are held in memory.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  options: ReadEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, void> {
  const maxLength = options.maxLength ?? MAX_LENGTH
  const decoder = new TextDecoder()
  const splitLines = createLineSplitter(maxLength)
  const assemble = createEventAssembler(maxLength, options.onRetry)
  const reader = body.getReader()
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      options.onActivity?.()
      for (const line of splitLines(decoder.decode(value, { stream: true }))) {
        const event = assemble(line)
        if (event) yield event
      }
    }
  } finally {
    // A body that has already failed has nothing left to cancel.
    await reader.cancel().catch(() => {})
  }
}

/** Cuts text into lines that end with CR, LF or CRLF, at once and not when the next byte arrives. */
function createLineSplitter(maxLength: number): (chunk: string) => string[] {
  let rest = ''
  let endedWithCR = false
  return (chunk) => {
    const text = endedWithCR && chunk.startsWith('\n') ? chunk.slice(1) : chunk
    if (chunk !== '') endedWithCR = chunk.endsWith('\r')
    const lines = text.split(/\r\n|\r|\n/)
    lines[0] = rest + (lines[0] ?? '')
    rest = lines.pop() ?? ''
    if (rest.length > maxLength || lines.some((line) => line.length > maxLength)) throw tooLong(maxLength)
    return lines
  }
}

/** Collects lines into events: an empty line completes one. */
function createEventAssembler(maxLength: number, onRetry?: (ms: number) => void) {
  let data: string[] = []
  let length = 0
  let event: string | undefined
  let id: string | undefined

  return (line: string): ServerSentEvent | undefined => {
    if (line === '') {
      const complete = data.length > 0 ? { data: data.join('\n'), event, id } : undefined
      data = []
      length = 0
      event = undefined
      id = undefined
      return complete
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') {
      data.push(value)
      length += value.length + 1
      if (length > maxLength) throw tooLong(maxLength)
    } else if (field === 'event') event = value || undefined
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
    return undefined
  }
}

function tooLong(maxLength: number): SessionBackendError {
  return new SessionBackendError(
    'payload_too_large',
    `The stream sent a line or an event of over ${maxLength} characters.`,
  )
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
