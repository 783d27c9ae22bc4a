import type { IncomingMessage } from 'node:http'
import type { BackendAssignment } from '../assignment/assignment.ts'
import type { FromApp } from '../control/from-app.ts'
import type { DocumentStorage } from '../storage/document-storage.ts'
import type { AutosaveTimes } from './autosave.ts'
import type { Rate } from './rate-limit.ts'
import type { RoomStats } from './stats.ts'

/** Somebody's connection to a room. One user may have several. */
export interface Person<Data, Send> {
  /** Different for each connection. */
  readonly id: string
  /** The user that the app's route named, if it did. */
  readonly user: string | undefined
  /** What `authorize` returned for them. */
  readonly data: Data
  /** Sends to this page. Returns whether the message is on its way: not if the page is gone, or reads too slowly. */
  readonly send: Send
}

/** The room of a document: everybody who has it open. */
export interface Room<State, Data, Send, Broadcast> {
  /** The document, as `open` returned it. */
  state: State
  readonly assignment: BackendAssignment
  /** Where the room listens. */
  readonly port: number
  /** Those who came in, from `connected` to `disconnected`. */
  readonly people: ReadonlySet<Person<Data, Send>>
  /** Sends to everybody. */
  readonly broadcast: Broadcast
  readonly stats: Readonly<RoomStats>
  /** Tells that the document has changed, so that it is saved. Messages that pages number tell so by themselves. */
  changed(): void
  /** Saves at once. Resolves when all that has changed is saved; rejects if it won't be any more. */
  save(): Promise<void>
  /** Closes a connection. Codes 4000 to 4399 are yours; PROTOCOL.md, "Close codes", has the others. */
  close(person: Person<Data, Send>, code?: number, reason?: string): void
  /** Saves, closes all connections with 1012, and ends the process: the backend has `Exited`. */
  stop(): Promise<void>
}

/** Who wants to come in. */
export interface Visitor {
  /** The user that the app's route named; `undefined` if it named nobody. */
  user: string | undefined
  /** What the app's route granted along with the user; empty if that was nothing. Check it before you rely on its types. */
  auth: Readonly<Record<string, unknown>>
  request: IncomingMessage
}

/**
 * What `authorize` says: an object lets the visitor in, and is `person.data` from then on. `unauthenticated` and
 * `forbidden` refuse; anything falsy does too, as `unauthenticated` if there is no user.
 */
export type Authorized<Data> = Data | 'unauthenticated' | 'forbidden' | '' | false | null | undefined

/** What every room takes. */
export interface RoomOptions<State, Value, Data extends object, Send, Broadcast, Message = unknown> {
  /** Where the document is kept; a function gets the assignment, whose `env` a warm backend knows only then. Without one nothing is saved. */
  storage?: DocumentStorage<Value> | ((assignment: BackendAssignment) => DocumentStorage<Value>) | undefined
  /** Makes the document from what was saved last; `undefined` if nothing was. */
  open(saved: Value | undefined, assignment: BackendAssignment): State | Promise<State>
  /** The document is open, and nobody has come in yet. */
  opened?: ((room: Room<State, Data, Send, Broadcast>) => void) | undefined
  /** What is saved of the document. Default: the document itself, if its type allows. */
  save?: ((state: State) => Value) | undefined
  /** Done before each save, for example to take in what another program wrote. A failure counts as one of the save. */
  beforeSave?: ((room: Room<State, Data, Send, Broadcast>) => void | Promise<void>) | undefined
  /** Done after each save. */
  saved?: ((room: Room<State, Data, Send, Broadcast>) => void) | undefined
  /** Decides who comes in, for each connection, within 10 s. Nobody does if it throws. */
  authorize(visitor: Visitor): Authorized<Data> | Promise<Authorized<Data>>
  /** Somebody came in. With a protocol: once the messages that their page had kept were received. */
  connected?: ((room: Room<State, Data, Send, Broadcast>, person: Person<Data, Send>) => void) | undefined
  /** Somebody left. */
  disconnected?: ((room: Room<State, Data, Send, Broadcast>, person: Person<Data, Send>) => void) | undefined
  /** Takes what the app's server says to the document, by `sessionBackends.send`. Default: it is answered `not_supported`. */
  fromApp?: FromApp<Room<State, Data, Send, Broadcast>, Message> | undefined
  autosave?: AutosaveTimes | undefined
  /** The largest message of a page, in bytes. Default 1 MiB. */
  maxPayload?: number | undefined
  /** How much a page may leave unread before it is cut, in bytes. Default 4 MiB. It should hold your largest document. */
  maxBuffered?: number | undefined
  /** Default 1,000. */
  maxConnections?: number | undefined
  /** How fast each connection may send. */
  rate?: Rate | undefined
  /** How often each page is asked whether it is there, in ms. Default 20,000. */
  pingInterval?: number | undefined
  /** Told of what went wrong: a save, a handler of yours. Default: a line on stderr. */
  onError?: ((error: unknown, doing: string) => void) | undefined
}
