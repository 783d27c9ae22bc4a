import type { Protocol } from '@session-backend/core'
import type { Connect } from './connection/connect.ts'
import { connectByMessages, type MessagesOptions } from './messages/connect-by-messages.ts'
import type { MessageHandlers } from './messages/incoming.ts'
import { createShelf } from './messages/kept-on-disk.ts'
import type { MessagesConnection } from './messages/messages-connection.ts'

export {
  defineProtocol,
  type MessageSchemas,
  type Protocol,
  type ProtocolOptions,
} from '@session-backend/core'
export type { MessagesOptions } from './messages/connect-by-messages.ts'
export type { MessageHandlers } from './messages/incoming.ts'
export { clearUnsaved } from './messages/kept-on-disk.ts'
export type { MessagesConnection, UnsavedMessage } from './messages/messages-connection.ts'

/**
 * Connects with the messages of a protocol, to a backend that runs `runBackend` with the same protocol.
 * `onMessage` is an object with a function for each message's name. `connection.send(name, content)` sends a
 * message. The page keeps each message until the backend has saved it. Each message is applied once, even if
 * the backend crashes. PROTOCOL.md: "The message protocol".
 */
export function messages<ToBackendIn, ToBackend, ToPageIn, ToPage>(
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>,
  options: MessagesOptions = {},
): Connect<MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage>, MessageHandlers<ToPage>> {
  return connectByMessages(protocol, options, { openShelf: createShelf })
}
