import { SessionBackendError } from '@session-backend/core'
import { validate } from '@session-backend/core/internal'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { within } from './within.ts'

/** In ms. */
const RECEIVE_TIMEOUT = 10_000

/** How a room handles messages from the app's server. */
export interface FromApp<Room, Message> {
  /** Checks a message, and gives it its type: any Standard Schema. */
  message: StandardSchemaV1<unknown, Message>
  /**
   * Called with each message of `sessionBackends.send`, which resolves once this function is done. It has 10
   * s. To save a change of the document, call `room.changed()`. Then wait for `room.save()` if a crash must not
   * lose a message that the app was told is delivered. To tell pages, call `room.broadcast`.
   */
  receive(room: Room, message: Message): void | Promise<void>
}

/**
 * Gives a message to the app's code. Throws what the app's server is answered. PROTOCOL.md: "The request".
 */
export async function receiveFromApp<Room>(
  fromApp: FromApp<Room, unknown> | undefined,
  room: Room,
  message: unknown,
  report: (error: unknown, doing: string) => void,
): Promise<void> {
  if (fromApp === undefined) {
    throw new SessionBackendError('not_supported', 'This backend has no `fromApp`.')
  }
  try {
    const result = validate(fromApp.message, message)
    if (!result.ok) {
      throw new SessionBackendError('bad_request', `The message is not valid: ${result.problem}`)
    }
    await within(RECEIVE_TIMEOUT, '`fromApp.receive`', () => fromApp.receive(room, result.value))
  } catch (error) {
    if (error instanceof SessionBackendError && error.code === 'bad_request') throw error
    report(error, 'handling a message of the app')
    throw new SessionBackendError('internal', 'The backend failed to handle this message.', { cause: error })
  }
}
