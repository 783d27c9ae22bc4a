import type { Protocol } from '@session-backend/core'
import type { Connect } from './connection/connect.ts'
import { connectByMessages, type MessagesOptions } from './messages/connect-by-messages.ts'
import type { MessageHandlers } from './messages/incoming.ts'
import type { MessagesConnection } from './messages/messages-connection.ts'

export type { MessageSchemas, Protocol, ProtocolOptions } from '@session-backend/core'
export { defineProtocol } from '@session-backend/core/internal'
export type { MessagesOptions } from './messages/connect-by-messages.ts'
export { clearUnsaved } from './messages/database.ts'
export type { MessageHandlers } from './messages/incoming.ts'
export type { MessagesConnection } from './messages/messages-connection.ts'
export type { UnsavedMessage } from './messages/outbox.ts'

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
  return connectByMessages(protocol, options, {
    // Loaded only if `persist` is set.
    openShelf: async (...of) => (await import('./messages/kept-on-disk.ts')).createShelf(...of),
  })
}
