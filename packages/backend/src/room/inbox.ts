import type { MessageReaders } from '@session-backend/core'
import { type MessageFrame, type PageFrame, parsePageFrame, validate } from '@session-backend/core/internal'
import { Arrival } from './arrival.ts'
import type { Connection, Frame } from './connection.ts'
import type { Person, Room } from './options.ts'
import type { Pages } from './pages.ts'
import type { Broadcast, Handlers, Send } from './protocol-types.ts'

/** Options of an {@link Inbox}. */
export interface InboxParts<State, Data, ToBackend, ToPage> {
  schemas: MessageReaders<ToBackend>
  messages: Handlers<State, Data, ToBackend, ToPage>
  pages: Pages
  report(error: unknown, doing: string): void
}

/** The connection that sent the frame. */
export interface Sender<State, Data, ToPage> {
  room: Room<State, Data, Send<ToPage>, Broadcast<ToPage>>
  person: Person<Data, Send<ToPage>>
  connection: Connection
}

/** Receives the frames of pages, and lets the app apply each message once. PROTOCOL.md: "Once each". */
export class Inbox<State, Data, ToBackend, ToPage> {
  /** Connections that may still send their kept messages again. */
  readonly #arrivals = new Map<Connection, Arrival>()

  constructor(private readonly parts: InboxParts<State, Data, ToBackend, ToPage>) {}

  /** A connection has come. Calls `onArrived` once it has sent again what it kept. */
  join(connection: Connection, onArrived: () => void): void {
    const arrival = new Arrival(() => {
      this.#arrivals.delete(connection)
      onArrived()
    })
    this.#arrivals.set(connection, arrival)
  }

  leave(connection: Connection): void {
    this.#arrivals.get(connection)?.cancel()
    this.#arrivals.delete(connection)
  }

  receive(sender: Sender<State, Data, ToPage>, frame: Frame) {
    const { connection, person } = sender
    if (typeof frame !== 'string') return connection.refuse(1003, 'A message must be text, not binary.')
    const parsed = parsePageFrame(frame)
    if (parsed === undefined) {
      return connection.refuse(1007, 'The message is not a frame of the protocol.')
    }
    if (parsed.type === 'hello') this.parts.pages.hello(connection, parsed, person.user)
    else this.#receiveMessage(sender, parsed)
    this.#noteArrival(connection, parsed)
  }

  #receiveMessage(sender: Sender<State, Data, ToPage>, { number, name, content }: MessageFrame) {
    const { pages, schemas } = this.parts
    const { connection, room } = sender
    const order = number === 0 ? 'unnumbered' : pages.orderOf(connection, number)
    if (order === 'repeated') return
    if (order === 'gap') return connection.refuse(4409, `Message ${number} is not the next one.`)
    if (!isName(schemas, name)) {
      pages.reportReceived()
      return connection.refuse(1007, 'The protocol has no such message.')
    }
    if (!this.#apply(sender, name, content) || order === 'unnumbered') return
    pages.received(connection, number)
    room.changed()
  }

  /**
   * Checks a message and lets the app apply it. Returns whether it was applied; if not, the connection is
   * closed.
   */
  #apply<Name extends keyof ToBackend>(
    { room, person, connection }: Sender<State, Data, ToPage>,
    name: Name,
    content: unknown,
  ): boolean {
    const { schemas, messages, pages, report } = this.parts
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

  /** Checks whether a connection has now sent all its kept messages. */
  #noteArrival(connection: Connection, frame: PageFrame): void {
    const arrival = this.#arrivals.get(connection)
    if (arrival === undefined) return
    const { pages } = this.parts
    const isUnnumbered = frame.type === 'message' && frame.number === 0
    if (pages.isComplete(connection) || (isUnnumbered && !pages.has(connection))) arrival.finish()
    else if (!isUnnumbered) arrival.goOn()
  }
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
