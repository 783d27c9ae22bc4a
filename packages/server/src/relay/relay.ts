import { encodeEvent, SessionBackendError, TIMELINE_EVENT, type Timeline } from '@session-backend/core'
import type { Settings } from '../options.ts'
import type { Reporter } from '../reports/reporter.ts'
import type { Action } from '../request/authorize.ts'
import type { SharedState } from '../shared-state.ts'
import { withHeartbeats } from './heartbeats.ts'
import type { History, SharedStream } from './shared-stream.ts'
import { readStartupLog } from './startup-log.ts'
import { type StatusStep, withTimeline } from './timeline.ts'

/** A backend, and the document that it serves. */
export interface Served {
  name: string
  documentId: string
}

/** Relays a backend's streams: one from the platform, however many browsers follow it. */
export interface Relay {
  /** The backend's statuses and their timeline as events. PROTOCOL.md: "Following a status stream". */
  status(served: Served, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<string>
  /** The lines of the backend's log as events. */
  logs(served: Served, signal: AbortSignal): AsyncIterable<string>
  /** Resolves when the backend has ended, or can't be followed any more. */
  ended(name: string, documentId: string): Promise<void>
}

/** More than there are statuses. */
const STATUSES: History<StatusStep> = { most: 16, weigh: () => 1 }
/** As many lines as a megabyte of memory holds: two bytes a character, and what an empty line takes. */
const LINES: History<string> = { most: 1024 * 1024, weigh: (line) => 2 * line.length + 64 }

export function createRelay(
  { platform, spawn, startupLog, clock }: Settings,
  state: SharedState,
  reporter: Reporter,
): Relay {
  /** There is one stream however many readers it has, so each failure is reported once. */
  async function* reported<T>(
    items: AsyncIterable<T>,
    { name, documentId }: Served,
    action: Action,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, void> {
    try {
      yield* items
    } catch (error) {
      if (error instanceof SessionBackendError && error.code === 'not_running') state.lastNames.forget(name)
      if (!signal.aborted) reporter.failed(error, { documentId, action })
      throw error
    }
  }

  async function readLog({ name, documentId }: Served): Promise<string[] | undefined> {
    if (!startupLog) return undefined
    const values = state.envValues.get(name) ?? Object.values((await spawn({ documentId })).env ?? {})
    return readStartupLog(platform, name, values, clock)
  }

  /** Without its log, rather than not at all. */
  async function logOrNothing(served: Served): Promise<string[] | undefined> {
    try {
      return await readLog(served)
    } catch (error) {
      reporter.failed(error, { documentId: served.documentId, action: 'read' })
      return undefined
    }
  }

  function statusesOf(served: Served): SharedStream<StatusStep> {
    const { name } = served
    return state.statuses.get(name, STATUSES, (signal) => {
      const steps = withTimeline(platform.statusStream(name, { signal }), () => logOrNothing(served))
      return reported(steps, served, 'read', signal)
    })
  }

  async function* statusEvents(served: Served, lastEventId: string | undefined, signal: AbortSignal) {
    const { name } = served
    const received = receivedCount(name, lastEventId)
    for await (const { item, index } of statusesOf(served).read(received, signal)) {
      const { state, ...rest } = item
      const timeline: Timeline = { backend: name, ...rest }
      // First, so that who stops at a terminal status has it.
      yield encodeEvent({ event: TIMELINE_EVENT, data: JSON.stringify(timeline) })
      yield encodeEvent({ id: eventId(name, index + 1), data: JSON.stringify({ ...state, backend: name }) })
    }
  }

  async function* logEvents(served: Served, signal: AbortSignal) {
    const { name } = served
    const stream = state.logs.get(name, LINES, (upstream) =>
      reported(platform.logs(name, { signal: upstream }), served, 'logs', upstream),
    )
    for await (const { item } of stream.read(0, signal)) yield encodeEvent({ data: item })
  }

  return {
    status: (served, lastEventId, signal) => withHeartbeats(statusEvents(served, lastEventId, signal), clock),
    logs: (served, signal) => withHeartbeats(logEvents(served, signal), clock),
    async ended(name, documentId) {
      try {
        for await (const _ of statusesOf({ name, documentId }).read(0, new AbortController().signal));
      } catch {
        // A backend that the platform knows nothing of any more has ended too.
      }
    },
  }
}

/** An id names its backend, so that what was received of one that ended skips nothing of the next. */
function eventId(name: string, count: number): string {
  return `${encodeURIComponent(name)}:${count}`
}

/** How many statuses of this backend a reader has, as its `Last-Event-ID` tells. */
function receivedCount(name: string, lastEventId = ''): number {
  const count = /:(\d{1,3})$/.exec(lastEventId)?.[1]
  return count !== undefined && lastEventId === eventId(name, Number(count)) ? Number(count) : 0
}
