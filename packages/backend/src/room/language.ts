import type { Cursors } from '../storage/document-storage.ts'
import type { Connection, Frame } from './connection.ts'
import type { Person, Room } from './options.ts'

/** Options for sending a frame. */
export interface SendOptions {
  /** Whether it may be left out for a page that reads slowly. */
  isVolatile?: boolean | undefined
  /** Whether bytes are a text. */
  isText?: boolean | undefined
}

/** Sends a frame to everybody but one. */
export type SendToAll = (frame: Frame, options: SendOptions, except: object | undefined) => void

/** How a room and its pages communicate: by messages of a protocol, or by raw frames. */
export interface Language<State, Data, Send, Broadcast> {
  /** The type of `person.send`. */
  sendTo(connection: Connection): Send
  /** The type of `room.broadcast`. */
  broadcastTo(sendToAll: SendToAll): Broadcast
  /**
   * A connection has come. Calls `onArrived` once it has sent again what it kept, unless it leaves before.
   */
  joined(connection: Connection, onArrived: () => void): void
  /** Handles a frame. It throws if the app's code fails. */
  receive(
    room: Room<State, Data, Send, Broadcast>,
    person: Person<Data, Send>,
    connection: Connection,
    frame: Frame,
  ): void
  /** A connection has ended. */
  left(connection: Connection): void
  /** Returns the cursors to store next to the document, and a function to call once they are saved. */
  snapshot(): { stored: Cursors; saved: () => void }
}
