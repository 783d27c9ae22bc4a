import type { Protocol } from '@session-backend/core'
import { awaitAssignment, type BackendAssignment } from './assignment/assignment.ts'
import { type Identity, ownIdentity } from './control/identity.ts'
import { checkRoomOptions } from './room/check-options.ts'
import type { Language } from './room/language.ts'
import { openRoom, type Report } from './room/open-room.ts'
import type { Room, RoomOptions } from './room/options.ts'
import { protocolLanguage } from './room/protocol-language.ts'
import type { Broadcast, Handlers, Send } from './room/protocol-types.ts'
import { type RawBroadcast, type RawReceive, type RawSend, rawLanguage } from './room/raw-language.ts'
import { rehearse } from './room/rehearsal.ts'
import { endProcess, onStop, type StopWork } from './stop.ts'
import type { Cursors } from './storage/document-storage.ts'

/** Options of a room with a protocol. */
export interface ProtocolOptions<
  State,
  Value,
  Data extends object,
  ToBackendIn,
  ToBackend,
  ToPage,
  ToPageOut,
  Message = unknown,
> extends RoomOptions<State, Value, Data, Send<ToPage>, Broadcast<ToPage>, Message> {
  /** The messages between pages and backend, made by `defineProtocol`. */
  protocol: Protocol<ToBackendIn, ToBackend, ToPage, ToPageOut>
  /** A function for each message that pages send. */
  messages: Handlers<State, Data, ToBackend, ToPage>
}

/** Options of a room without a protocol. */
export interface RawOptions<State, Value, Data extends object, Message = unknown>
  extends RoomOptions<State, Value, Data, RawSend, RawBroadcast, Message> {
  protocol?: undefined
  /** Called for each frame of a page: a string if it was text, otherwise bytes. */
  message: RawReceive<State, Data>
}

/** Options that say what is saved, or those of a document that is saved as it is. */
type Savable<State, OptionsOfValue, OptionsOfState> =
  | (OptionsOfValue & { save: (state: State) => unknown })
  | (OptionsOfState & { save?: undefined })

/** The process that a backend runs in. */
export interface BackendProcess {
  assignment(): Promise<BackendAssignment>
  /** The identity of the backend, once it is assigned. */
  identity(): Identity | undefined
  onStop(work: StopWork): unknown
  end(code: 0 | 1): Promise<void>
}

/** Makes {@link runBackend} for a process. */
export function createRunBackend(host: BackendProcess) {
  function runBackend<State, Value, Data extends object, Message>(
    options: RawOptions<State, Value, Data, Message> & { save: (state: State) => Value },
  ): Promise<Room<State, Data, RawSend, RawBroadcast>>
  // A document can only be saved as it is if its type is that of the stored value.
  function runBackend<Value, State extends Value, Data extends object, Message>(
    options: RawOptions<State, Value, Data, Message>,
  ): Promise<Room<State, Data, RawSend, RawBroadcast>>
  function runBackend<State, Value, Data extends object, ToBackendIn, ToBackend, ToPage, ToPageOut, Message>(
    options: ProtocolOptions<State, Value, Data, ToBackendIn, ToBackend, ToPage, ToPageOut, Message> & {
      save: (state: State) => Value
    },
  ): Promise<Room<State, Data, Send<ToPage>, Broadcast<ToPage>>>
  // The last overload, because TypeScript's errors refer to it.
  function runBackend<
    Value,
    State extends Value,
    Data extends object,
    ToBackendIn,
    ToBackend,
    ToPage,
    ToPageOut,
    Message,
  >(
    options: ProtocolOptions<State, Value, Data, ToBackendIn, ToBackend, ToPage, ToPageOut, Message>,
  ): Promise<Room<State, Data, Send<ToPage>, Broadcast<ToPage>>>
  function runBackend<State, Value, Data extends object, ToBackendIn, ToBackend, ToPage, ToPageOut>(
    options:
      | Savable<State, RawOptions<State, Value, Data>, RawOptions<State, State, Data>>
      | Savable<
          State,
          ProtocolOptions<State, Value, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>,
          ProtocolOptions<State, State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>
        >,
  ): Promise<Room<State, Data, RawSend, RawBroadcast> | Room<State, Data, Send<ToPage>, Broadcast<ToPage>>> {
    checkRoomOptions(options)
    const report = options.onError ?? reportOnStderr
    if (options.protocol === undefined) {
      const { message } = options
      return run(host, options, report, () => rawLanguage(message, report))
    }
    const { protocol, messages } = options
    return run(host, options, report, (stored) => protocolLanguage({ protocol, messages, stored, report }))
  }
  return runBackend
}

/**
 * Runs the backend of one document. It waits for its assignment, claims and reads the document, accepts
 * connections, saves changes, and exits with 0 when the platform asks it to. Resolves once pages can connect.
 * In a warm pool, it first opens an empty room on 127.0.0.1 and connects to it, so that the first page of a
 * user doesn't wait for code to be compiled. None of your functions is called for that.
 *
 * The process exits with 1 if another backend claims the document, or if the last save fails.
 *
 * @throws `outdated_fencing_token` if another backend already owns the document; `invalid_option` if another
 * program uses the port; errors of the storage and of `open`.
 */
export const runBackend = createRunBackend({
  assignment: () => awaitAssignment({}, rehearse),
  identity: ownIdentity,
  onStop,
  end: endProcess,
})

function run<State, Value, Data extends object, SendMessage, BroadcastMessage>(
  host: BackendProcess,
  options: Savable<
    State,
    RoomOptions<State, Value, Data, SendMessage, BroadcastMessage>,
    RoomOptions<State, State, Data, SendMessage, BroadcastMessage>
  >,
  report: Report,
  language: (stored: Cursors | undefined) => Language<State, Data, SendMessage, BroadcastMessage>,
): Promise<Room<State, Data, SendMessage, BroadcastMessage>> {
  if (options.save === undefined) return open(host, options, (state) => state, report, language)
  return open(host, options, options.save, report, language)
}

async function open<State, Value, Data extends object, SendMessage, BroadcastMessage>(
  host: BackendProcess,
  options: RoomOptions<State, Value, Data, SendMessage, BroadcastMessage>,
  toValue: (state: State) => Value,
  report: Report,
  language: (stored: Cursors | undefined) => Language<State, Data, SendMessage, BroadcastMessage>,
): Promise<Room<State, Data, SendMessage, BroadcastMessage>> {
  const assignment = await host.assignment()
  const { room, close } = await openRoom(options, {
    assignment,
    identity: host.identity(),
    language,
    toValue,
    report,
    end: (code) => host.end(code),
  })
  host.onStop(close)
  assignment.ready()
  return room
}

function reportOnStderr(error: unknown, doing: string): void {
  console.error(`Failed while ${doing}:`, error)
}
