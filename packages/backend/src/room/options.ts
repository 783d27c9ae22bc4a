import type { IncomingMessage } from 'node:http'
import type { BackendAssignment } from '../assignment/assignment.ts'
import type { DocumentStorage } from '../storage/document-storage.ts'
import type { AutosaveTimes } from './autosave.ts'
import type { FromApp } from './from-app.ts'
import type { Rate } from './rate-limit.ts'
import type { RoomStats } from './stats.ts'

/** One connection to a room. A user may have several. */
export interface Person<Data, Send> {
  /** Different for each connection. */
  readonly id: string
  /** The `user` that the app's route granted, if any. */
  readonly user: string | undefined
  /** The object that `authorize` returned. */
  readonly data: Data
  /** Sends to this page. Returns `false` if the page is gone or reads too slowly. */
  readonly send: Send
}

/** The room of a document: everybody who has it open. */
export interface Room<State, Data, Send, Broadcast> {
  /** The document, as `open` returned it. */
  state: State
  /** What the platform assigned to this backend: its key and environment, for example. */
  readonly assignment: BackendAssignment
  /** The port that the room listens on. */
  readonly port: number
  /** Everybody who is connected, from `connected` to `disconnected`. */
  readonly people: ReadonlySet<Person<Data, Send>>
  /** Sends to everybody. */
  readonly broadcast: Broadcast
  /** Counts of connections, messages and saves, for metrics. */
  readonly stats: Readonly<RoomStats>
  /**
   * Marks the document as changed, so that it is saved. Handlers of a protocol's messages do this by
   * themselves, except for volatile messages.
   */
  changed(): void
  /** Saves at once. Resolves when all changes are saved. Rejects if they can no longer be saved. */
  save(): Promise<void>
  /** Closes a connection. Codes 4000 to 4399 are yours; PROTOCOL.md, "Close codes", has the others. */
  close(person: Person<Data, Send>, code?: number, reason?: string): void
  /** Saves, closes all connections with 1012, and ends the process: the backend has `Exited`. */
  stop(): Promise<void>
}

/** Somebody who wants to connect. */
export interface Visitor {
  /** The `user` that the app's route granted; `undefined` if there was none. */
  user: string | undefined
  /**
   * The `auth` that the app's route granted; an empty object if there was none. Check its types before you
   * use it.
   */
  auth: Readonly<Record<string, unknown>>
  /** The request that opens the WebSocket. */
  request: IncomingMessage
}

/**
 * What `authorize` returns. An object lets the visitor in, and becomes `person.data`. `unauthenticated` and
 * `forbidden` refuse the visitor. A falsy value means `unauthenticated` if there is no user, and `forbidden`
 * otherwise.
 */
export type Authorized<Data> = Data | 'unauthenticated' | 'forbidden' | '' | false | null | undefined

/** Options of every room. */
export interface RoomOptions<State, Value, Data extends object, Send, Broadcast, Message = unknown> {
  /**
   * Keeps the document. A function gets the assignment and returns a storage; use one if the storage depends
   * on `env`, which a warm backend gets late. Default: nothing is saved.
   */
  storage?: DocumentStorage<Value> | ((assignment: BackendAssignment) => DocumentStorage<Value>) | undefined
  /** Creates the document's state from the last saved value, which is `undefined` if nothing was saved. */
  open(saved: Value | undefined, assignment: BackendAssignment): State | Promise<State>
  /**
   * Called when the document is open. What it changes is saved before anybody can connect: if the storage
   * fails for 20 s, the backend doesn't start.
   */
  opened?: ((room: Room<State, Data, Send, Broadcast>) => void) | undefined
  /** Returns the value to save. Default: the state itself, if its type allows. */
  save?: ((state: State) => Value) | undefined
  /**
   * Called before each save, for example to merge what another program wrote. If it fails, the save fails. A
   * backend may be killed before the save ends: what you add here must not come out differently in the next
   * one, because pages may have it already.
   */
  beforeSave?: ((room: Room<State, Data, Send, Broadcast>) => void | Promise<void>) | undefined
  /** Called after each save. */
  saved?: ((room: Room<State, Data, Send, Broadcast>) => void) | undefined
  /**
   * Decides within 10 s whether a visitor may connect. Called for each connection. If it throws, the visitor
   * is refused.
   */
  authorize(visitor: Visitor): Authorized<Data> | Promise<Authorized<Data>>
  /**
   * Called when somebody has connected. With a protocol, this is after the messages that their page had kept
   * were received.
   */
  connected?: ((room: Room<State, Data, Send, Broadcast>, person: Person<Data, Send>) => void) | undefined
  /** Called when somebody has left. */
  disconnected?: ((room: Room<State, Data, Send, Broadcast>, person: Person<Data, Send>) => void) | undefined
  /**
   * Handles messages that the app's server sends with `sessionBackends.send`. Default: `send` throws
   * `not_supported`.
   */
  fromApp?: FromApp<Room<State, Data, Send, Broadcast>, Message> | undefined
  /** When changes are saved. Default: 200 ms after the last change, and at the latest 1,000 ms after the first one. */
  autosave?: AutosaveTimes | undefined
  /** The largest message of a page, in bytes. Default 1 MiB. */
  maxPayload?: number | undefined
  /**
   * How much a page may leave unread before it is disconnected, in bytes. Default 4 MiB. Must be larger than
   * your largest document.
   */
  maxBuffered?: number | undefined
  /** The largest number of connections. Default 1,000. */
  maxConnections?: number | undefined
  /** How fast each connection may send. Default: 200 messages per second, and 400 at once. */
  rate?: Rate | undefined
  /** The time between pings to each page, in ms. Default 20,000. */
  pingInterval?: number | undefined
  /** Called for each failure of a save or of your handlers. Default: a line on stderr. */
  onError?: ((error: unknown, doing: string) => void) | undefined
}
