import type { Cursors } from '../storage/document-storage.ts'
import type { Connection, Frame } from './connection.ts'
import type { Person, Room } from './options.ts'

/** How a frame is sent. */
export interface SendOptions {
  /** Whether it may be left out for a page that reads slowly. */
  isVolatile?: boolean | undefined
  /** Whether bytes are a text. */
  isText?: boolean | undefined
}

/** Sends a frame to everybody but one. */
export type SendToAll = (frame: Frame, options: SendOptions, except: object | undefined) => void

/** What a room and its pages speak: messages of a protocol, or frames as they are. */
export interface Language<State, Data, Send, Broadcast> {
  /** What `person.send` is. */
  sendTo(connection: Connection): Send
  /** What `room.broadcast` is. */
  broadcastTo(sendToAll: SendToAll): Broadcast
  /**
   * A connection has come. Calls `onArrived` once it has sent again what it kept, unless it leaves before.
   */
  joined(connection: Connection, onArrived: () => void): void
  /** A frame arrived. What it throws was a failure of the app's code. */
  receive(
    room: Room<State, Data, Send, Broadcast>,
    person: Person<Data, Send>,
    connection: Connection,
    frame: Frame,
  ): void
  /** A connection has ended. */
  left(connection: Connection): void
  /** What is stored next to the document, and what to do once it is. */
  snapshot(): { stored: Cursors; saved: () => void }
}
