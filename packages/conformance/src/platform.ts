import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  type BackendState,
  type BackendStatus,
  isTerminal,
  readEvents,
  type ServerSentEvent,
  type Session,
} from '@session-backend/core'
import {
  isRecord,
  parseBackendAnswer,
  parseJson,
  parseState,
  type SpawnRequest,
} from '@session-backend/core/internal'
import type { ConformanceOptions, WebSocketLike } from './options.ts'

/** A request to the API. */
export interface ApiRequest {
  method?: string
  /** Sent as JSON. */
  json?: unknown
  /** `null` sends none. Default: the account's token. */
  token?: string | null
  headers?: Record<string, string>
  body?: string
}

/** What a case may do with the platform. It remembers what was spawned, to terminate it. */
export class PlatformUnderTest {
  readonly #spawned = new Set<string>()
  readonly #sockets = new Set<WebSocketLike>()
  readonly #done = new AbortController()
  readonly signal: AbortSignal

  constructor(
    readonly options: ConformanceOptions,
    signal: AbortSignal,
  ) {
    this.signal = AbortSignal.any([signal, this.#done.signal])
  }

  /** A request to a path of the API, with the account's token. */
  request(path: string, { method, json, token = this.options.token, headers, body }: ApiRequest = {}) {
    return fetch(this.options.baseUrl.replace(/\/$/, '') + path, {
      method: method ?? (json === undefined ? 'GET' : 'POST'),
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? (body ?? null) : JSON.stringify(json),
      signal: this.signal,
    })
  }

  /** `/user/:username/service/:service/:action` of the account. */
  servicePath(action: string, service = this.options.service): string {
    return `/user/${encodeURIComponent(this.options.account)}/service/${encodeURIComponent(service)}/${action}`
  }

  /** The service that the case needs; a case that names it in `needs` has it. */
  need<T>(value: T | undefined): T {
    assert(value !== undefined, 'an option that the case needs is missing')
    return value
  }

  /** A lock that nobody holds. */
  newLock(): string {
    return `conformance/${randomUUID()}`
  }

  /** Spawns a backend, which is terminated after the case. */
  async spawn(body: SpawnRequest = {}, service?: string): Promise<Session> {
    return this.adopt(await this.request(this.servicePath('spawn', service), { json: body }))
  }

  /** Reads the answer to a spawn; the backend is terminated after the case. */
  async adopt(response: Response): Promise<Session> {
    const session = parseBackendAnswer(await jsonOf(response))
    this.#spawned.add(session.name)
    return session
  }

  /** Asks who holds a lock. */
  fetchLock(lock: string, service?: string): Promise<Response> {
    return this.request(this.servicePath('fetch', service), { json: { lock } })
  }

  /** The events of a stream of the API, until it ends. */
  async *events(path: string, request: ApiRequest = {}): AsyncGenerator<ServerSentEvent, void, void> {
    const headers = { accept: 'text/event-stream', ...request.headers }
    const response = await this.request(path, { ...request, headers })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream\b/)
    assert(response.body)
    yield* readEvents(response.body)
  }

  /** The statuses of a backend: the whole history, then live, until its stream ends. */
  async *states(name: string): AsyncGenerator<BackendState, void, void> {
    for await (const { data } of this.events(`/backend/${name}/status/stream`, { token: null })) {
      const state = parseState(parseJson(data))
      assert(state, `not a status: ${data}`)
      yield state
    }
  }

  /** Waits for a status of a backend, and returns its history up to there. */
  async until(session: Session, status: BackendStatus): Promise<BackendState[]> {
    const history: BackendState[] = []
    for await (const state of this.states(session.name)) {
      history.push(state)
      if (state.state === status) return history
      assert(!isTerminal(state.state), `the backend became ${state.state}, and not ${status}`)
    }
    return assert.fail(`the stream ended before ${status}, after ${history.map(({ state }) => state)}`)
  }

  /** A request to a backend, through its connection URL. */
  reach(session: Session, path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, session.url), { signal: this.signal, ...init })
  }

  /** A new backend that is Ready. */
  async ready(body?: SpawnRequest): Promise<Session> {
    const session = await this.spawn(body)
    await this.until(session, 'Ready')
    return session
  }

  /** The variables that the platform passed to a backend. */
  async env(session: Session): Promise<Record<string, unknown>> {
    return jsonOf(await this.reach(session, 'env'))
  }

  async terminate(session: Session): Promise<void> {
    await jsonOf(await this.request(`/backend/${session.name}/terminate`, { method: 'POST' }))
  }

  /** An open WebSocket to a backend; it is closed after the case. */
  async connect(session: Session, path = ''): Promise<WebSocketLike> {
    const WebSocket = this.need(this.options.WebSocket ?? globalThis.WebSocket)
    const socket: WebSocketLike = new WebSocket(new URL(path, session.url).href.replace(/^http/, 'ws'))
    this.#sockets.add(socket)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', resolve)
      for (const type of ['error', 'close'] as const) {
        socket.addEventListener(type, () => reject(new Error('the WebSocket did not open')))
      }
      this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true })
    })
    return socket
  }

  /** Lets go of everything, and terminates what was spawned. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close()
    this.#done.abort()
    const { token } = this.options
    const terminate = (name: string) =>
      fetch(`${this.options.baseUrl.replace(/\/$/, '')}/backend/${name}/terminate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(5000),
      }).then((response) => response.arrayBuffer())
    await Promise.allSettled([...this.#spawned].map(terminate))
  }
}

/** The JSON object of an answer that has to be a success. */
export async function jsonOf(response: Response, status = 200): Promise<Record<string, unknown>> {
  const text = await response.text()
  assert.equal(response.status, status, `${response.status} instead of ${status}: ${text.slice(0, 500)}`)
  assert.match(response.headers.get('content-type') ?? '', /^application\/json\b/)
  const body = parseJson(text)
  assert(isRecord(body), `not a JSON object: ${text.slice(0, 500)}`)
  return body
}

/** Expects a refusal with one of some statuses, and the platform's error body. */
export async function refused(response: Response, ...statuses: number[]): Promise<void> {
  const text = await response.text()
  assert(
    statuses.includes(response.status),
    `${response.status} instead of ${statuses}: ${text.slice(0, 500)}`,
  )
  const body = parseJson(text)
  assert(isRecord(body) && isRecord(body.error), `not an error body: ${text.slice(0, 500)}`)
  const { message, status, code, id } = body.error
  assert.equal(status, response.status)
  for (const part of [message, code, id])
    assert(typeof part === 'string' && part !== '', `incomplete: ${text}`)
}
