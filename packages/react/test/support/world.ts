import { type BackendStatus, type Clock, encodeEvent, type Session } from '@session-backend/core'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { LostReason } from '../../src/connection/connect.ts'
import { webSocket } from '../../src/connection/web-socket.ts'
import type { StoreOptions } from '../../src/session/options.ts'
import { platformStatus } from '../../src/status/platform-status.ts'

// A session loads it when it waits for a backend: then it is there without time passing. Tests may make it fail.
await import('../../src/status/following.ts').catch(() => {})

/** A session as the app's route answers it. PROTOCOL.md: "The session". */
export function sessionOf(name: string, status: BackendStatus = 'Loading', spawned = true): Session {
  const url = `https://${name}.example.test/secret/`
  const platform = 'https://api.example.test'
  const statusUrl = `${platform}/backend/${name}/status`
  return { name, url, readyUrl: `${platform}/ready/${name}/secret/`, statusUrl, status, spawned }
}

/** The time of a status, `ms` after the backend began. */
export function timeAt(ms: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12) + ms).toISOString()
}

/** One request that the code under test has made. */
class FakeRequest {
  isOpen = true
  #settle: (response: Response) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  #events: ReadableStreamDefaultController<Uint8Array> | undefined
  readonly response: Promise<Response>

  constructor(
    readonly url: string,
    readonly method: string,
    readonly headers: Headers,
    readonly credentials: RequestCredentials | undefined,
    signal: AbortSignal | null | undefined,
  ) {
    this.response = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#reject = reject
    })
    signal?.addEventListener('abort', () => {
      if (!this.isOpen) return
      this.fail(signal.reason)
    })
  }

  /** Whether it is a stream that has begun. */
  get started(): boolean {
    return this.#events !== undefined
  }

  /** Answers with JSON. */
  reply(body: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.isOpen = false
    this.#settle(new Response(JSON.stringify(body), { status, headers }))
  }

  /** Answers with an error of the route. PROTOCOL.md: "Errors". */
  refuse(status: number, code: string, headers?: Record<string, string>): void {
    this.reply({ error: { code, message: `The route says ${code}.` } }, status, headers)
  }

  /** Answers 204: the stream has no more to say. */
  saysNoMore(): void {
    this.isOpen = false
    this.#settle(new Response(null, { status: 204 }))
  }

  /** The network fails, or the stream is cut. */
  fail(reason: unknown = new TypeError('fetch failed')): void {
    this.isOpen = false
    this.#reject(reason)
    this.#events?.error(reason)
  }

  /** Goes on with a status stream. */
  tell(...statuses: BackendStatus[]): void {
    for (const state of statuses) this.send({ data: JSON.stringify({ state, time: timeAt(0) }) })
  }

  /** Sends any event. */
  send(event: { event?: string; data: string }): void {
    this.write(encodeEvent(event))
  }

  /** Sends a part of a stream. */
  write(text: string): void {
    if (!this.#events) {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#events = controller
        },
      })
      this.#settle(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
    }
    this.#events?.enqueue(new TextEncoder().encode(text))
  }
}

/** The other end of a WebSocket, which does what the test says. */
export class FakeSocket {
  readyState = 0
  binaryType = 'blob'
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((reason: LostReason) => void) | null = null
  onerror: (() => void) | null = null
  readonly sent: unknown[] = []

  constructor(
    readonly url: string,
    readonly protocols?: string | string[],
  ) {}

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  receive(data: unknown): void {
    this.onmessage?.({ data })
  }

  /** The other end closes it, or the network does. */
  drop(code = 1006, reason?: string): void {
    this.readyState = 3
    this.onclose?.({ code, ...(reason !== undefined && { reason }) })
  }

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {
    this.readyState = 3
  }
}

/** An app, a platform and backends that do nothing until the test says what, and a time that stands still. */
export function createWorld() {
  const clock = new FakeClock()
  const exchanges: FakeRequest[] = []
  const sockets: FakeSocket[] = []

  class Socket extends FakeSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols)
      sockets.push(this)
    }
  }

  const options: StoreOptions<unknown> & { clock: Clock; random: () => number } = {
    endpoint: '/api/sessions',
    fetch(input, init = {}) {
      const { method = 'GET', headers, credentials, signal } = init
      const exchange = new FakeRequest(String(input), method, new Headers(headers), credentials, signal)
      exchanges.push(exchange)
      return exchange.response
    },
    clock,
    random: () => 1,
    statusSource: platformStatus,
    connect: webSocket({ WebSocket: Socket }),
  }

  const matching = (method: string, end: RegExp) =>
    exchanges.filter((exchange) => exchange.method === method && end.test(exchange.url))

  return {
    options,
    WebSocket: Socket,
    clock,
    exchanges,
    sockets,
    /** Sets the clock of the machine by so many ms, as the user may, or a sleep: no timer fires. */
    setClock: (ms: number) => clock.shift(ms),
    /** How many timers are set. */
    timers: () => clock.pending,
    /** Requests to the app's route. */
    posts: () => matching('POST', /^\/api\/sessions\//),
    /** Status streams. */
    streams: () => matching('GET', /\/status\/stream$|^\/api\/sessions\/[^/]*\/status(\?|$)/),
    /** Single looks at the status. */
    looks: () => matching('GET', /example\.test\/.*\/status$|^\/api\/sessions\/[^/]*$/),
    /** All that is open: requests, streams and sockets. */
    open: () => [
      ...exchanges.filter(({ isOpen }) => isOpen).map(({ url }) => url),
      ...sockets.filter(({ readyState }) => readyState < 2).map(({ url }) => url),
    ],
  }
}

export type World = ReturnType<typeof createWorld>
