import {
  type BackendState,
  type Clock,
  encodeEvent,
  isTerminal,
  SessionBackendError,
  type Timeline,
} from '@session-backend/core'
import { TIMELINE_EVENT } from '@session-backend/core/internal'
import { ClosableStreams } from '../common/closable-streams.ts'
import type { Action } from '../common/document.ts'
import { cutLine } from '../common/long-lines.ts'
import type { Platform } from '../common/platform.ts'
import type { Recent } from '../common/recent.ts'
import { countReader, isMeasuring } from '../reports/metrics.ts'
import type { Reports } from '../reports/reports.ts'
import { withHeartbeats } from './heartbeats.ts'
import type { History, SharedStream, SharedStreams } from './shared-stream.ts'
import { readStartupLog } from './startup-log.ts'
import { isFailedStart, type TimelineStep, withTimeline } from './timeline.ts'

/** A backend, and the document that it serves. */
export interface Served {
  name: string
  documentId: string
}

/** What the relay reads of the app's options. */
export interface RelayOptions {
  platform: Platform
  startupLog: boolean
  clock: Clock
}

/** What the relays of one platform share. */
export interface RelayState {
  statuses: SharedStreams<TimelineStep>
  logs: SharedStreams<string>
  /**
   * By the names of backends that this process started, the values of their environment variables, which logs
   * must not show. The app's `spawn` can't be called again, because it may return other values.
   */
  envValues: Recent<readonly string[]>
  /** By the names of backends whose start failed, the tails of their logs. */
  startupLogs: Recent<Promise<string[]>>
  /** By lock, the name of the last backend that was found. A backend may end before anybody can follow it. */
  lastNames: Recent<string>
}

/** Relays a backend's streams: one from the platform, however many browsers follow it. */
export interface StreamRelay {
  /** The backend's statuses and their timeline as events. PROTOCOL.md: "Following a status stream". */
  status(served: Served, lastEventId: string | undefined, signal: AbortSignal): AsyncIterable<string>
  /** The lines of the backend's log as events. PROTOCOL.md: "Following a log". */
  logs(served: Served, signal: AbortSignal): AsyncIterable<string>
  /**
   * Whether a reader already has the whole stream. It is then answered with 204, so that it doesn't ask
   * again.
   */
  isComplete(served: Served, lastEventId: string | undefined): boolean
  /** The backend's statuses. If the stream ends without a terminal one, the backend may still run. */
  states(served: Served, signal: AbortSignal): AsyncIterable<BackendState>
  /** Ends what this app relays. Other apps of the process, which may share its streams, open them again. */
  close(): void
}

/** The reason with which readers leave when the app closes. */
const CLOSED = new Error('The app is closing.')

/** More than there are statuses. */
const STATUSES: History<TimelineStep> = { most: 16, weigh: () => 1 }
/**
 * The number of lines that a megabyte of memory holds, at two bytes a character plus the size of an empty
 * line.
 */
const LINES: History<string> = { most: 1024 * 1024, weigh: (line) => 2 * line.length + 64 }

export function createStreamRelay(
  { platform, startupLog, clock }: RelayOptions,
  state: RelayState,
  reports: Reports,
): StreamRelay {
  /** All readers share one stream, so each failure is reported once. */
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
      if (!signal.aborted) reports.failed(error, { documentId, action })
      throw error
    }
  }

  /** Only the process that started the backend knows which values its log must not show. */
  async function logOf(name: string): Promise<string[] | undefined> {
    const values = startupLog ? state.envValues.get(name) : undefined
    if (!values) return undefined
    const known = state.startupLogs.get(name)
    if (known) return known
    const log = readStartupLog(platform, name, values, clock)
    state.startupLogs.set(name, log)
    return log
  }

  function statusesOf(served: Served): SharedStream<TimelineStep> {
    const { name } = served
    return state.statuses.get(name, STATUSES, (signal) => {
      return reported(withTimeline(platform.statusStream(name, { signal })), served, 'read', signal)
    })
  }

  const readers = new ClosableStreams()

  const measured = (stream: 'status' | 'logs', signal: AbortSignal, events: AsyncIterable<string>) =>
    isMeasuring() ? counted(stream, signal, events) : events

  /** A reader that leaves, or that the app's end has cut off, has not failed. */
  async function* counted(stream: 'status' | 'logs', signal: AbortSignal, events: AsyncIterable<string>) {
    const end = countReader(platform.service, stream)
    try {
      yield* events
    } catch (error) {
      end(signal.aborted ? undefined : error)
      throw error
    } finally {
      end()
    }
  }

  /** A stream that ends because the app closes has not failed: readers may follow it again. */
  async function* untilClosed<T>(signal: AbortSignal, follow: (signal: AbortSignal) => AsyncIterable<T>) {
    try {
      yield* readers.read(signal, follow)
    } catch (error) {
      if (error !== CLOSED) throw error
    }
  }

  async function* statusEvents(served: Served, lastEventId: string | undefined, signal: AbortSignal) {
    const { name } = served
    const received = receivedCount(name, lastEventId)
    for await (const { item, index } of statusesOf(served).read(received, signal)) {
      const { state, statuses } = item
      // Each app uses its own options, although all apps of a process may share the stream.
      const log = isFailedStart(statuses) ? await logOf(name) : undefined
      const timeline: Timeline = { backend: name, statuses, ...(log && { log }) }
      // Sent first, so that a reader that stops at a terminal status has it.
      yield encodeEvent({ event: TIMELINE_EVENT, data: JSON.stringify(timeline) })
      const id = isTerminal(state.state) ? endId(name) : eventId(name, index + 1)
      yield encodeEvent({ id, data: JSON.stringify({ ...state, backend: name }) })
    }
  }

  async function* logEvents(served: Served, signal: AbortSignal) {
    const { name } = served
    const stream = state.logs.get(name, LINES, (upstream) =>
      reported(cutLines(platform.logs?.(name, { signal: upstream }) ?? []), served, 'logs', upstream),
    )
    for await (const { item } of stream.read(0, signal)) yield encodeEvent({ data: item })
    // Not an event, but an id for the reader to send when it reconnects.
    yield `id: ${endId(name)}\n\n`
  }

  async function* states(served: Served, signal: AbortSignal) {
    for await (const { item } of statusesOf(served).read(0, signal)) yield item.state
  }

  return {
    status: (served, lastEventId, signal) =>
      withHeartbeats(
        untilClosed(signal, (open) => measured('status', open, statusEvents(served, lastEventId, open))),
        clock,
      ),
    logs: (served, signal) =>
      withHeartbeats(
        untilClosed(signal, (open) => measured('logs', open, logEvents(served, open))),
        clock,
      ),
    isComplete: ({ name }, lastEventId) => lastEventId === endId(name),
    states: (served, signal) => untilClosed(signal, (open) => states(served, open)),
    close: () => readers.close(CLOSED),
  }
}

/** An id names its backend, so that the ids of an ended backend skip nothing of the next one. */
function eventId(name: string, count: number): string {
  return `${encodeURIComponent(name)}:${count}`
}

/** The id of the end of a stream, which needs no count: nothing comes after it. */
function endId(name: string): string {
  return `${encodeURIComponent(name)}:end`
}

async function* cutLines(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string, void, void> {
  for await (const line of lines) yield cutLine(line)
}

/** How many statuses of this backend a reader has, according to its `Last-Event-ID`. */
function receivedCount(name: string, lastEventId = ''): number {
  const count = /:(\d{1,3})$/.exec(lastEventId)?.[1]
  return count !== undefined && lastEventId === eventId(name, Number(count)) ? Number(count) : 0
}
