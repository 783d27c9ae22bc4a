import { type Clock, readEvents, SessionBackendError } from '@session-backend/core'
import { createBackoff, sleep } from '@session-backend/core/internal'
import { cutLongEvents } from '../common/long-lines.ts'

/** A log's address, and how to tell that it is complete. */
export interface LogOptions {
  url: string
  headers: Record<string, string>
  fetch: typeof globalThis.fetch
  clock: Clock
  /** Called when the stream ends. Returns whether the backend has ended too. */
  hasEnded: () => Promise<boolean>
  signal?: AbortSignal | undefined
}

/**
 * The lines of a backend's log until the backend ends. Specification: "Get a backend's logs".
 *
 * A stream that is cut is opened again, with `Last-Event-ID` if the platform numbers its lines. A platform
 * that doesn't may send lines a second time. A line of more than 32 KiB is cut, and marked.
 */
export async function* followLog(options: LogOptions): AsyncGenerator<string, void, void> {
  const { clock, signal } = options
  const backoff = createBackoff()
  let lastId: string | undefined
  while (true) {
    try {
      const body = await open(options, lastId)
      for await (const { data, id } of body ? readEvents(cutLongEvents(body)) : []) {
        if (id !== undefined) lastId = id
        backoff.reset()
        yield* data.split('\n')
      }
      if (await options.hasEnded()) return
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (error instanceof SessionBackendError && FINAL.includes(error.code)) throw error
    }
    await sleep(clock, backoff.next(), signal)
  }
}

const FINAL: readonly string[] = ['not_running', 'platform_misconfigured']

/** Resolves to `undefined` if the log ends at `lastId`. */
async function open(
  { url, headers, fetch, signal }: LogOptions,
  lastId: string | undefined,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const resume = lastId === undefined ? {} : { 'last-event-id': lastId }
  const response = await fetch(url, {
    headers: { ...headers, ...resume, accept: 'text/event-stream' },
    signal: signal ?? null,
  })
  if (response.status === 204) return undefined
  if (response.ok && response.body) return response.body
  await response.body?.cancel()
  if (response.status === 404)
    throw new SessionBackendError('not_running', 'The platform has no log of this backend.')
  if (response.status === 401 || response.status === 403) {
    throw new SessionBackendError('platform_misconfigured', 'The platform refused the access token.')
  }
  throw new SessionBackendError('platform_error', `The log answered ${response.status}.`)
}
