import type { Protocol } from '@session-backend/core'
import type { Person, Room } from './options.ts'

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
 * A function for each message that pages send. These functions are synchronous, so that a message and its
 * number are saved together. Start slow work here; when it is done, change `room.state` and call
 * `room.changed()`.
 */
export type Handlers<State, Data, ToBackend, ToPage> = {
  readonly [Name in keyof ToBackend]: (
    room: Room<State, Data, Send<ToPage>, Broadcast<ToPage>>,
    person: Person<Data, Send<ToPage>>,
    content: ToBackend[Name],
  ) => void
}

/** The type of a room with a protocol, for your own functions: `RoomOf<typeof protocol, Board, Editor>`. */
export type RoomOf<TheProtocol, State, Data> =
  TheProtocol extends Protocol<infer _In, infer _Out, infer ToPage, infer _PageOut>
    ? Room<State, Data, Send<ToPage>, Broadcast<ToPage>>
    : never

/** The type of a person in a room with a protocol: `PersonOf<typeof protocol, Editor>`. */
export type PersonOf<TheProtocol, Data> =
  TheProtocol extends Protocol<infer _In, infer _Out, infer ToPage, infer _PageOut>
    ? Person<Data, Send<ToPage>>
    : never
