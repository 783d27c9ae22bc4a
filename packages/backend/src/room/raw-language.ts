import type { Frame } from './connection.ts'
import type { Language } from './language.ts'
import type { Person, Room } from './options.ts'

/** Options for sending a frame without a protocol. */
export interface RawSendOptions {
  /** Whether the frame may be left out if the page reads slowly. */
  volatile?: boolean | undefined
}

/** `person.send` without a protocol. */
export type RawSend = (frame: Frame, options?: RawSendOptions) => boolean

/** `room.broadcast` without a protocol. */
export type RawBroadcast = (frame: Frame, options?: RawSendOptions & { except?: object | undefined }) => void

/** What the app does with a raw frame. */
export type RawReceive<State, Data> = (
  room: Room<State, Data, RawSend, RawBroadcast>,
  person: Person<Data, RawSend>,
  frame: Frame,
) => void

/** Frames as they are: the app says what they mean. */
export function rawLanguage<State, Data>(
  receive: RawReceive<State, Data>,
  report: (error: unknown, doing: string) => void,
): Language<State, Data, RawSend, RawBroadcast> {
  return {
    sendTo: (connection) => (frame, options) => connection.send(frame, { isVolatile: options?.volatile }),
    broadcastTo: (sendToAll) => (frame, options) => {
      const isText = typeof frame === 'string'
      // Encoded once, not for each connection.
      const bytes = isText ? Buffer.from(frame) : frame
      sendToAll(bytes, { isVolatile: options?.volatile, isText }, options?.except)
    },
    joined: (_connection, onArrived) => onArrived(),
    receive(room, person, connection, frame) {
      try {
        receive(room, person, frame)
      } catch (error) {
        report(error, 'handling a message')
        connection.close(4422, 'The backend failed to handle this message.')
      }
    },
    left: () => {},
    snapshot: () => ({ stored: {}, saved: () => {} }),
  }
}
