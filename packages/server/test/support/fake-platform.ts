import type { BackendState, Session } from '@session-backend/core'
import type { FetchCall, Platform, SpawnCall, TraceHeaders } from '../../src/common/platform.ts'

/** A platform in this process, for what no real one can be made to do in order. */
export interface FakePlatform extends Platform {
  /** The calls it got, in order. */
  readonly calls: { name: 'spawn' | 'fetch' | 'terminate'; request: unknown }[]
  /** The headers that came with each spawn, in order. */
  readonly traces: (TraceHeaders | undefined)[]
}

let platforms = 0

export function sessionOf(name: string, fields: Partial<Session> = {}): Session {
  const url = `https://${name}.example.test/`
  return {
    name,
    url,
    readyUrl: `${url}ready`,
    statusUrl: `${url}status`,
    status: 'Ready',
    spawned: true,
    ...fields,
  }
}

/** Spawns at once; every part can be replaced. What replaces `spawn` and `fetch` is recorded too. */
export function fakePlatform(parts: Partial<Platform> = {}): FakePlatform {
  const calls: FakePlatform['calls'] = []
  const traces: FakePlatform['traces'] = []
  const running = new Map<string, Session>()
  const spawn = async ({ lock }: SpawnCall) => {
    const existing = running.get(lock)
    if (existing) return { ...existing, spawned: false }
    const session = sessionOf(`b${running.size + 1}`)
    running.set(lock, session)
    return session
  }
  const fetch = async ({ lock }: FetchCall) => ({
    ...(running.get(lock) ?? sessionOf('b0')),
    spawned: false,
  })
  const inner = { spawn, fetch, ...parts }
  return {
    id: `fake ${++platforms}`,
    service: 'editor',
    sharesSessions: true,
    statusStream: () => iterate([]),
    logs: () => iterate([]),
    terminate: async () => {},
    close: async () => {},
    ...parts,
    calls,
    traces,
    spawn({ trace, ...request }, options) {
      traces.push(trace)
      calls.push({ name: 'spawn', request })
      return inner.spawn(request, options)
    },
    fetch(request, options) {
      calls.push({ name: 'fetch', request })
      return inner.fetch(request, options)
    },
  }
}

export async function* iterate<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* items
}

/** A status, reached `ms` milliseconds after noon. */
export function stateAt(state: BackendState['state'], ms: number): BackendState {
  return { state, time: new Date(Date.parse('2026-01-01T12:00:00Z') + ms).toISOString() }
}

/** A source that the test feeds, and that shows how often it is open. */
export class Feed<T> {
  opened = 0
  closed = 0
  readonly #items: T[] = []
  #end: { error?: unknown } | undefined
  #wake = () => {}

  push(...items: T[]): void {
    this.#items.push(...items)
    this.#wake()
  }

  end(end: { error?: unknown } = {}): void {
    this.#end = end
    this.#wake()
  }

  async *open(signal?: AbortSignal): AsyncGenerator<T, void, void> {
    this.opened++
    const wake = () => this.#wake()
    signal?.addEventListener('abort', wake)
    try {
      for (let index = 0; ; index++) {
        while (index >= this.#items.length) {
          if (signal?.aborted) throw signal.reason
          if (this.#end && 'error' in this.#end) throw this.#end.error
          if (this.#end) return
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
        const item = this.#items[index]
        if (item !== undefined) yield item
      }
    } finally {
      this.closed++
      signal?.removeEventListener('abort', wake)
    }
  }
}
