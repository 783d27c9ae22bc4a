import type { MessageReaders, Protocol } from '@session-backend/core'
import {
  encodeRoomFrame,
  type MessageFrame,
  type PageFrame,
  parsePageFrame,
  validate,
} from '@session-backend/core/internal'
import type { Cursors as StoredCursors } from '../storage/document-storage.ts'
import { Arrival } from './arrival.ts'
import type { Connection, Frame } from './connection.ts'
import type { Language } from './language.ts'
import type { Person, Room } from './options.ts'
import { Pages } from './pages.ts'

/** The content of a message, which may be left out if it may be `undefined`; then `More`. */
type Content<Value, More extends unknown[]> = undefined extends Value
  ? [content?: Value, ...Partial<More>]
  : [content: Value, ...Partial<More>]

/** `person.send` with a protocol. */
export type Send<ToPage> = <Name extends keyof ToPage & string>(
  name: Name,
  ...content: Content<ToPage[Name], []>
) => boolean

/** `room.broadcast` with a protocol. */
export type Broadcast<ToPage> = <Name extends keyof ToPage & string>(
  name: Name,
  ...content: Content<ToPage[Name], [options: { except?: object | undefined }]>
) => void

/**
 * What the app does with each message. These functions are synchronous, so that a message and its number are saved
 * together: what takes time is begun here and finished by changing `room.state` later, with `room.changed()`.
 */
export type Handlers<State, Data, ToBackend, ToPage> = {
  readonly [Name in keyof ToBackend]: (
    room: Room<State, Data, Send<ToPage>, Broadcast<ToPage>>,
    person: Person<Data, Send<ToPage>>,
    content: ToBackend[Name],
  ) => void
}

/** The room of a protocol, to name it in functions of your own: `RoomOf<typeof protocol, Board, Editor>`. */
export type RoomOf<TheProtocol, State, Data> =
  TheProtocol extends Protocol<infer _In, infer _Out, infer ToPage, infer _PageOut>
    ? Room<State, Data, Send<ToPage>, Broadcast<ToPage>>
    : never

/** A person in it. */
export type PersonOf<TheProtocol, Data> =
  TheProtocol extends Protocol<infer _In, infer _Out, infer ToPage, infer _PageOut>
    ? Person<Data, Send<ToPage>>
    : never

/** What a room with a protocol is made of. */
export interface ProtocolParts<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut> {
  protocol: Protocol<ToBackendIn, ToBackend, ToPage, ToPageOut>
  messages: Handlers<State, Data, ToBackend, ToPage>
  stored: StoredCursors | undefined
  report(error: unknown, doing: string): void
}

/** Messages of a protocol, each applied once. PROTOCOL.md: "The message protocol". */
export function protocolLanguage<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>({
  protocol,
  messages,
  stored,
  report,
}: ProtocolParts<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>): Language<
  State,
  Data,
  Send<ToPage>,
  Broadcast<ToPage>
> {
  type TheRoom = Room<State, Data, Send<ToPage>, Broadcast<ToPage>>
  type ThePerson = Person<Data, Send<ToPage>>
  const schemas: MessageReaders<ToBackend> = protocol.toBackend
  const pages = new Pages(stored)
  const arrivals = new Map<Connection, Arrival>()
  const encode = (name: string, content: unknown) =>
    encodeRoomFrame({ type: 'message', number: 0, name, content })

  /** Checks a message and lets the app apply it. Returns whether it was applied; if not, the connection is closed. */
  function apply<Name extends keyof ToBackend>(
    room: TheRoom,
    person: ThePerson,
    connection: Connection,
    name: Name,
    content: unknown,
  ): boolean {
    try {
      const result = validate<ToBackend[Name]>(schemas[name], content)
      if (!result.ok) {
        pages.reportReceived()
        connection.refuse(1007, `\`${String(name)}\` is not valid: ${result.problem}`)
        return false
      }
      const returned: unknown = messages[name](room, person, result.value)
      if (returned instanceof Promise) throw asynchronous(String(name), returned)
      return true
    } catch (error) {
      report(error, `handling the message \`${String(name)}\``)
      pages.reportReceived()
      connection.close(4422, 'The backend failed to handle this message.')
      return false
    }
  }

  function receiveMessage(room: TheRoom, person: ThePerson, connection: Connection, message: MessageFrame) {
    const { number, name, content } = message
    const order = number === 0 ? 'unnumbered' : pages.orderOf(connection, number)
    if (order === 'repeated') return
    if (order === 'gap') return connection.refuse(4409, `Message ${number} is not the next one.`)
    if (!isName(schemas, name)) {
      pages.reportReceived()
      return connection.refuse(1007, 'There is no such message.')
    }
    if (!apply(room, person, connection, name, content)) return
    if (order === 'unnumbered') return
    pages.received(connection, number)
    room.changed()
  }

  /** Notes what a frame says about whether all that was kept has come. */
  function noteArrival(connection: Connection, frame: PageFrame) {
    const isUnnumbered = frame.type === 'message' && frame.number === 0
    if (pages.isComplete(connection) || (isUnnumbered && !pages.has(connection))) {
      arrivals.get(connection)?.finish()
      arrivals.delete(connection)
    } else if (!isUnnumbered) arrivals.get(connection)?.goOn()
  }

  return {
    sendTo:
      (connection) =>
      (name, ...[content]) =>
        connection.send(encode(name, content), { isVolatile: protocol.isVolatile(name) }),
    broadcastTo:
      (sendToAll) =>
      (name, ...[content, options]) => {
        // Encoded once, not for each connection.
        const bytes = Buffer.from(encode(name, content))
        sendToAll(bytes, { isText: true, isVolatile: protocol.isVolatile(name) }, options?.except)
      },
    joined(connection, onArrived) {
      arrivals.set(connection, new Arrival(onArrived))
    },
    receive(room, person, connection, frame) {
      const parsed = readFrame(frame)
      if (parsed === 'binary') return connection.refuse(1003, 'Messages are text.')
      if (parsed === undefined) {
        return connection.refuse(1007, 'This is not a frame of the message protocol.')
      }
      if (parsed.type === 'hello') pages.hello(connection, parsed, person.user)
      else receiveMessage(room, person, connection, parsed)
      noteArrival(connection, parsed)
    },
    left(connection) {
      pages.left(connection)
      arrivals.get(connection)?.cancel()
      arrivals.delete(connection)
    },
    snapshot: () => pages.snapshot(),
  }
}

function readFrame(frame: Frame): PageFrame | 'binary' | undefined {
  return typeof frame === 'string' ? parsePageFrame(frame) : 'binary'
}

/** Own properties only: `constructor` is not a message. */
function isName<Schemas extends object>(schemas: Schemas, name: PropertyKey): name is keyof Schemas {
  return Object.hasOwn(schemas, name)
}

function asynchronous(name: string, returned: Promise<unknown>): Error {
  // Nobody waits for it, and it may fail.
  returned.catch(() => {})
  return new Error(
    `\`messages.${name}\` must be synchronous, but returned a promise: the message would be reported as saved before it is applied.`,
  )
}
