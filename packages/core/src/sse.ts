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
  const { maxLength = MAX_LENGTH, onActivity, onRetry } = options
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let event: Partial<ServerSentEvent> = {}
  let line = ''
  let endedWithCR = false
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      onActivity?.()
      const chunk = decoder.decode(value, { stream: true })
      // A line ends at its CR, and not when the next chunk shows whether an LF belongs to it.
      const text = endedWithCR && chunk[0] === '\n' ? chunk.slice(1) : chunk
      if (chunk) endedWithCR = chunk.endsWith('\r')
      for (const [breaks, part] of text.split(/\r\n|\r|\n/).entries()) {
        if (breaks > 0) {
          const { data } = event
          if (line) takeLine(event, line, onRetry)
          else {
            if (data !== undefined) yield { ...event, data }
            event = {}
          }
          line = ''
        }
        line += part
        if (Math.max(line.length, event.data?.length ?? 0) > maxLength) {
          throw new SessionBackendError(
            'payload_too_large',
            `A line or an event is longer than ${maxLength} characters.`,
          )
        }
      }
    }
  } finally {
    // A body that has already failed has nothing left to cancel.
    await reader.cancel().catch(() => {})
  }
}

/** Adds a line to the event that it belongs to. */
function takeLine(event: Partial<ServerSentEvent>, line: string, onRetry?: (ms: number) => void): void {
  const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
  if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`
  else if (field === 'event') event.event = value || undefined
  else if (field === 'id' && !value.includes('\0')) event.id = value
  else if (field === 'retry' && /^\d+$/.test(value)) onRetry?.(Number(value))
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
