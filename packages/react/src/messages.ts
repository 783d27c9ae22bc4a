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
 * Connects by the messages of a protocol, for `runBackend` with the same one. `onMessage` is an object of functions, by the
 * messages' names; `connection.send(name, content)` sends. Each message is kept until the backend has saved it, and is applied
 * once, whichever process dies. PROTOCOL.md: "The message protocol".
 */
export function messages<ToBackendIn, ToBackend, ToPageIn, ToPage>(
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>,
  options: MessagesOptions = {},
): Connect<MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage>, MessageHandlers<ToPage>> {
  return connectByMessages(protocol, options, { openShelf: createShelf })
}
