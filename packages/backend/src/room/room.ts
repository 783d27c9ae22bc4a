import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { SessionBackendError } from '@session-backend/core'
import { encodeComeBack } from '@session-backend/core/internal'
import type { WebSocket } from 'ws'
import type { BackendAssignment } from '../assignment/assignment.ts'
import type { ControlActions } from '../control/endpoint.ts'
import { Revocations } from '../control/revocations.ts'
import { type Admission, type Admitted, createAuthorizer } from './authorize.ts'
import { Autosave } from './autosave.ts'
import { Connection } from './connection.ts'
import { receiveFromApp } from './from-app.ts'
import type { Person, Room, RoomOptions } from './options.ts'
import type { RoomParts } from './parts.ts'
import { RateLimit } from './rate-limit.ts'
import { createStats, type RoomStats } from './stats.ts'
import { WriteBatch } from './write-batch.ts'

/** In ms. */
const PING_INTERVAL = 20_000
/** How long a page has to answer our close, in ms. */
const CLOSE_TIMEOUT = 1_000

/** A room whose document is open. It takes in sockets, and doesn't know where they come from. */
export class OpenRoom<State, Value, Data extends object, Send, Broadcast>
  implements Room<State, Data, Send, Broadcast>, ControlActions
{
  state: State
  readonly assignment: BackendAssignment
  /** Set once it listens. */
  port = 0
  readonly broadcast: Broadcast
  readonly stats: RoomStats
  readonly #connections = new Map<Person<Data, Send>, Connection>()
  /** The people who have come in: their kept messages were received. */
  readonly #people = new Map<Person<Data, Send>, Connection>()
  readonly #sockets = new Set<WebSocket>()
  readonly #batch = new WriteBatch()
  readonly #revocations = new Revocations()
  readonly #authorize: (request: IncomingMessage) => Promise<Admission<Data>>
  readonly #autosave: Autosave
  readonly #stopPings: () => void
  #stopping = false

  constructor(
    private readonly options: RoomOptions<State, Value, Data, Send, Broadcast>,
    private readonly parts: RoomParts<State, Value, Data, Send, Broadcast>,
  ) {
    this.state = parts.state
    this.assignment = parts.assignment
    this.#autosave = new Autosave({
      ...options.autosave,
      write: (signal) => this.#write(signal),
      onFailure: (error, wait) => {
        this.stats.failedSaves += 1
        this.#report(error, `saving (the next try is in ${Math.ceil(wait)} ms)`)
      },
      onOutdated: (error) => {
        this.#report(error, 'saving')
        void parts.end(1)
      },
    })
    const autosave = this.#autosave
    this.stats = {
      ...createStats(),
      get unsavedSince() {
        return autosave.unsavedSince
      },
    }
    this.broadcast = parts.language.broadcastTo((frame, sendOptions, except) => {
      for (const [person, connection] of this.#people) {
        if (person !== except) connection.send(frame, sendOptions)
      }
    })
    this.#authorize = createAuthorizer({
      authorize: (visitor) => options.authorize(visitor),
      identity: parts.identity,
      report: parts.report,
    })
    const pings = setInterval(() => {
      for (const connection of this.#connections.values()) connection.ping()
    }, options.pingInterval ?? PING_INTERVAL)
    this.#stopPings = () => clearInterval(pings)
  }

  get people(): ReadonlySet<Person<Data, Send>> {
    return new Set(this.#people.keys())
  }

  changed(): void {
    this.#autosave.changed()
  }

  save(): Promise<void> {
    return this.#autosave.save()
  }

  close(person: Person<Data, Send>, code = 1000, reason = ''): void {
    this.#connections.get(person)?.close(code, reason)
  }

  stop(): Promise<void> {
    return this.parts.end(0)
  }

  revoke(user: string, time: number): void {
    this.#revocations.revoke(user, time)
  }

  async receiveFromApp(message: unknown): Promise<void> {
    // Its changes could no longer be saved.
    if (this.#stopping) throw new SessionBackendError('gone', 'The backend is stopping.')
    await receiveFromApp(this.options.fromApp, this, message, this.parts.report)
  }

  /** Takes a socket in, once its user is known to be allowed. */
  async enter(socket: WebSocket, request: IncomingMessage): Promise<void> {
    // From the beginning: an error that nobody listens for ends the process. A close follows each.
    socket.on('error', () => {})
    if (this.#stopping) return socket.close(1012, encodeComeBack(1))
    if (this.#sockets.size >= (this.options.maxConnections ?? 1_000)) {
      this.stats.refused += 1
      return socket.close(1013, 'The room is full.')
    }
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // Until the answer is known, nothing is read from the socket.
    socket.pause()
    const admission = await this.#authorize(request)
    socket.resume()
    if (socket.readyState !== socket.OPEN || this.#stopping) return
    if ('refused' in admission) {
      this.stats.refused += 1
      return admission.refused === 'forbidden'
        ? socket.close(4403, "You don't have access to this document.")
        : socket.close(4401, 'Sign in first.')
    }
    if (this.#revocations.admit(socket, admission)) this.#join(socket, request.socket, admission)
    else this.stats.refused += 1
  }

  #join(socket: WebSocket, stream: Duplex, { user, data }: Admitted<Data>): void {
    const { maxBuffered = 4 * 1024 * 1024 } = this.options
    const { language } = this.parts
    const rate = new RateLimit(this.options.rate)
    const connection = new Connection({
      ...{ socket, stream, batch: this.#batch, stats: this.stats, maxBuffered, rate },
    })
    const person = { id: randomUUID(), user, data, send: language.sendTo(connection) }
    this.#connections.set(person, connection)
    this.stats.connections += 1
    socket.on('close', () => {
      this.#connections.delete(person)
      this.stats.connections -= 1
      language.left(connection)
      if (!this.#people.delete(person)) return
      this.#call('disconnected', () => this.options.disconnected?.(this, person))
    })
    connection.onFrame((frame) => {
      if (!this.#stopping) language.receive(this, person, connection, frame)
    })
    language.joined(connection, () => {
      this.#people.set(person, connection)
      const ok = this.#call('connected', () => this.options.connected?.(this, person))
      if (!ok) connection.close(1011, 'The backend failed.')
    })
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { beforeSave, saved } = this.options
    const { storage, language, assignment, toValue } = this.parts
    await beforeSave?.(this)
    const snapshot = language.snapshot()
    await storage?.write(
      { value: toValue(this.state), token: assignment.fencingToken ?? 0, cursors: snapshot.stored },
      { signal },
    )
    snapshot.saved()
    this.stats.saves += 1
    this.#call('saved', () => saved?.(this))
  }

  /**
   * Accepts nothing more, saves until `signal` aborts, and closes all connections with 1012.
   *
   * @throws what kept it from saving.
   */
  async shutDown(signal: AbortSignal): Promise<void> {
    this.#stopping = true
    try {
      await this.saveUntil(signal)
    } finally {
      this.abandon(new SessionBackendError('gone', 'The backend has stopped.'))
      const reason = encodeComeBack(this.#sockets.size)
      for (const socket of this.#sockets) socket.close(1012, reason)
      await this.#allClosed()
    }
  }

  /** Does nothing more by itself. What isn't saved is lost, because of `error`. */
  abandon(error: unknown): void {
    this.#stopPings()
    this.#autosave.end(error)
  }

  /** Saves what has changed, until `signal` aborts. */
  saveUntil(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = () => {
        const since = new Date(this.#autosave.unsavedSince ?? Date.now()).toISOString()
        const message = `Changes since ${since} could not be saved: the storage did not answer in time.`
        reject(new SessionBackendError('internal', message, { cause: signal.reason }))
      }
      signal.addEventListener('abort', abandon, { once: true })
      if (signal.aborted) abandon()
      this.save().then(resolve, reject)
    })
  }

  async #allClosed(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT))])
    for (const socket of this.#sockets) socket.terminate()
  }

  /** Calls a function of the app. Returns whether it succeeded. */
  #call(name: string, run: () => void): boolean {
    try {
      run()
      return true
    } catch (error) {
      this.#report(error, `calling \`${name}\``)
      return false
    }
  }

  #report(error: unknown, doing: string): void {
    this.parts.report(error, doing)
  }
}
