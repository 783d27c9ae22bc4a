import {
  type Clock,
  encodeEvent,
  HEARTBEAT,
  HEARTBEAT_INTERVAL,
  SessionBackendError,
} from '@session-backend/core'
import type { Feed } from '../feed.ts'
import type { Exchange } from './router.ts'

/** How a feed becomes an event stream. */
export interface StreamOptions<T> {
  clock: Clock
  /** What an entry is on the wire. */
  data: (value: T) => string
}

/**
 * Streams a feed: its history, then live, until it ends. Each event has an `id:`, and a request with
 * Last-Event-ID gets only what follows. A reader that is too slow holds up nobody: it is given the next entry
 * when it has taken the last, and misses what the feed has dropped meanwhile.
 */
export function streamFeed<T>(
  { request, response }: Exchange,
  feed: Feed<T>,
  options: StreamOptions<T>,
): void {
  const { clock, data } = options
  if (!acceptsEvents(request.headers.accept)) {
    throw new SessionBackendError('bad_request', 'Send Accept: text/event-stream.', { status: 406 })
  }
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()

  let position = lastEventId(request.headers['last-event-id'])
  let full = false
  let cancelHeartbeat = () => {}
  const beat = () => {
    cancelHeartbeat = clock.after(HEARTBEAT_INTERVAL, () => {
      if (!full) full = !response.write(HEARTBEAT)
      beat()
    })
  }
  const flow = () => {
    for (let entry = feed.after(position); entry && !full; entry = feed.after(position)) {
      position = entry.id
      full = !response.write(encodeEvent({ id: String(entry.id), data: data(entry.value) }))
    }
    cancelHeartbeat()
    if (!full && feed.ended) response.end()
    else beat()
  }
  const unfollow = feed.follow(flow)
  response.on('drain', () => {
    full = false
    flow()
  })
  response.once('close', () => {
    unfollow()
    cancelHeartbeat()
  })
  flow()
}

function acceptsEvents(accept = '*/*'): boolean {
  return accept
    .split(',')
    .some((range) => /^\s*(?:text\/event-stream|text\/\*|\*\/\*)\s*(?:;|$)/i.test(range))
}

/** What is no id of ours is none: the whole history is sent. */
function lastEventId(value: string | string[] | undefined): number {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : 0
}
