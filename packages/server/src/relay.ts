import { type BackendState, encodeEvent } from '@session-backend/core'
import { withHeartbeats } from './heartbeats.ts'
import type { Settings } from './options.ts'
import { SharedStreams } from './shared-stream.ts'

/** Relays a backend's streams: one from the platform, however many browsers follow it. */
export interface Relay {
  /** The backend's statuses as an event stream. PROTOCOL.md: "Following a status stream". */
  status(name: string, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<string>
}

/** More than there are statuses. */
const STATUSES_KEPT = 16

export function createRelay({ platform, clock }: Settings): Relay {
  const streams = new SharedStreams<BackendState>()

  async function* statusEvents(name: string, lastEventId: string | undefined, signal: AbortSignal) {
    const stream = streams.get(name, STATUSES_KEPT, (upstream) =>
      platform.statusStream(name, { signal: upstream }),
    )
    for await (const { item, index } of stream.read(receivedCount(name, lastEventId), signal)) {
      yield encodeEvent({ id: eventId(name, index + 1), data: JSON.stringify({ ...item, backend: name }) })
    }
  }

  return {
    status: (name, lastEventId, signal) => withHeartbeats(statusEvents(name, lastEventId, signal), clock),
  }
}

/** An id names its backend, so that what was received of one that ended skips nothing of the next. */
function eventId(name: string, count: number): string {
  return `${encodeURIComponent(name)}:${count}`
}

/** How many events of this backend a reader has, as its `Last-Event-ID` tells. */
function receivedCount(name: string, lastEventId = ''): number {
  const count = /:(\d{1,3})$/.exec(lastEventId)?.[1]
  return count !== undefined && lastEventId === eventId(name, Number(count)) ? Number(count) : 0
}
