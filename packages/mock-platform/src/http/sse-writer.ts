import { encodeEvent, SessionBackendError } from '@session-backend/core'
import { HEARTBEAT } from '@session-backend/core/internal'
import type { Entry, Feed } from '../feed.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { RoutedRequest } from './router.ts'

/** How a feed becomes an event stream. */
export interface StreamOptions<T> {
  heartbeats: Heartbeats
  /** What an entry is on the wire. */
  data: (value: T) => string
}

/** What each entry is on the wire: it is encoded once, however many read it. */
const encoded = new WeakMap<Entry<unknown>, Buffer>()

/**
 * Streams a feed: its history, then live, until it ends. Each event has an `id:`, and a request with
 * Last-Event-ID gets only what follows; when nothing can follow it gets 204, by which an `EventSource` stops
 * reconnecting (HTML, section 9.2). A slow reader holds up nobody: it is given the next entry when it has
 * taken the last, and misses what the feed has dropped by then.
 */
export function streamFeed<T>(
  { request, response }: RoutedRequest,
  feed: Feed<T>,
  { heartbeats, data }: StreamOptions<T>,
): void {
  if (!acceptsEvents(request.headers.accept)) {
    throw new SessionBackendError('bad_request', 'Send Accept: text/event-stream.', { status: 406 })
  }
  let position = lastEventId(request.headers['last-event-id'], feed.name)
  if (feed.ended && position > 0 && !feed.after(position)) {
    // An EventSource connects again after any other answer, for ever.
    response.writeHead(204, { 'cache-control': 'no-store' }).end()
    return
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    // Compression would hold events back.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    // Thousands of streams may end at once: their connections need not wait for another request.
    connection: 'close',
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  response.flushHeaders()

  let full = false
  const quieten = heartbeats.add(() => {
    if (!full) full = !response.write(HEARTBEAT)
  })
  const flow = () => {
    for (let entry = feed.after(position); entry && !full; entry = feed.after(position)) {
      position = entry.id
      full = !response.write(encode(entry, feed.name, data))
    }
    if (full || !feed.ended) return
    quieten()
    response.end()
  }
  const unfollow = feed.follow(flow)
  response.on('drain', () => {
    // A fast reader would otherwise be given the whole history in one turn of the event loop.
    setImmediate(() => {
      if (response.destroyed) return
      full = false
      flow()
    })
  })
  response.once('close', () => {
    unfollow()
    quieten()
  })
  flow()
}

function encode<T>(entry: Entry<T>, feed: string, data: (value: T) => string): Buffer {
  const known = encoded.get(entry)
  if (known) return known
  const bytes = Buffer.from(encodeEvent({ id: `${feed}:${entry.id}`, data: data(entry.value) }))
  encoded.set(entry, bytes)
  return bytes
}

function acceptsEvents(accept = '*/*'): boolean {
  return accept
    .split(',')
    .some((range) => /^\s*(?:text\/event-stream|text\/\*|\*\/\*)\s*(?:;|$)/i.test(range))
}

/** The number of the last event received; 0 if the value is not an id of this feed. */
function lastEventId(value: string | string[] | undefined, feed: string): number {
  if (typeof value !== 'string' || !value.startsWith(`${feed}:`)) return 0
  const id = value.slice(feed.length + 1)
  return /^\d{1,15}$/.test(id) ? Number(id) : 0
}
