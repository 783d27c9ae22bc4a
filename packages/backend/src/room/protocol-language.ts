import type { Protocol } from '@session-backend/core'
import { encodeRoomFrame } from '@session-backend/core/internal'
import type { Cursors } from '../storage/document-storage.ts'
import { Inbox } from './inbox.ts'
import type { Language } from './language.ts'
import { Pages } from './pages.ts'
import type { Broadcast, Handlers, Send } from './protocol-types.ts'

/** What a room with a protocol is made of. */
export interface ProtocolParts<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut> {
  protocol: Protocol<ToBackendIn, ToBackend, ToPage, ToPageOut>
  messages: Handlers<State, Data, ToBackend, ToPage>
  stored: Cursors | undefined
  report(error: unknown, doing: string): void
}

/** Messages of a protocol, each applied once. PROTOCOL.md: "The message protocol". */
export function protocolLanguage<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>({
  protocol,
  messages,
  stored,
  report,
}: ProtocolParts<State, Data, ToBackendIn, ToBackend, ToPage, ToPageOut>): Language<
  State,
  Data,
  Send<ToPage>,
  Broadcast<ToPage>
> {
  const pages = new Pages(stored)
  const inbox = new Inbox<State, Data, ToBackend, ToPage>({
    ...{ schemas: protocol.toBackend, messages, pages, report },
  })
  const encode = (name: string, content: unknown) =>
    encodeRoomFrame({ type: 'message', number: 0, name, content })

  return {
    sendTo:
      (connection) =>
      (name, ...[content]) =>
        connection.send(encode(name, content), { isVolatile: protocol.isVolatile(name) }),
    broadcastTo:
      (sendToAll) =>
      (name, ...[content, options]) => {
        // Encoded once, not for each connection.
        const bytes = Buffer.from(encode(name, content))
        sendToAll(bytes, { isText: true, isVolatile: protocol.isVolatile(name) }, options?.except)
      },
    joined: (connection, onArrived) => inbox.join(connection, onArrived),
    receive: (room, person, connection, frame) => inbox.receive({ room, person, connection }, frame),
    left(connection) {
      pages.left(connection)
      inbox.leave(connection)
    },
    snapshot: () => pages.snapshot(),
  }
}
