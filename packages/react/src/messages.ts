import type { Clock, Protocol, SessionBackendError } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { Connect } from './connection/connect.ts'
import { type WebSocketOptions, webSocket } from './connection/web-socket.ts'
import {
  type MessageHandlers,
  MessagesConnection,
  type UnsavedMessage,
} from './messages/messages-connection.ts'

export {
  defineProtocol,
  type MessageSchemas,
  type Protocol,
  type ProtocolOptions,
} from '@session-backend/core'
export type { MessageHandlers, MessagesConnection, UnsavedMessage } from './messages/messages-connection.ts'

/** After this silence, in ms, the backend is asked how far the messages have come … */
const PING_INTERVAL = 10_000
/** … and has this time to answer, in ms. */
const PING_TIMEOUT = 4_000
/** The close codes by which a backend refuses a message. PROTOCOL.md: "Close codes". */
const REFUSALS = [1003, 1007, 1009, 4422]

/** Options of {@link messages}. */
export interface MessagesOptions extends Pick<WebSocketOptions, 'WebSocket' | 'protocols'> {
  /**
   * Gets what isn't sent again, because the backend can't tell whether it was applied or has refused it: show it to the user,
   * or send it again if applying it twice does no harm. Default: a line in the console.
   */
  onUnsaved?: ((messages: UnsavedMessage[]) => void) | undefined
  /** Told of messages of the backend that aren't the protocol's. They are ignored. Default: a line in the console. */
  onError?: ((error: SessionBackendError) => void) | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
}

/**
 * Connects by the messages of a protocol, for `runBackend` with the same one. `onMessage` is an object of functions, by the
 * messages' names; `connection.send(name, content)` sends. Each message is kept until the backend has saved it, and is applied
 * once, whichever process dies. PROTOCOL.md: "The message protocol".
 */
export function messages<ToBackendIn, ToBackend, ToPageIn, ToPage>(
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>,
  options: MessagesOptions = {},
): Connect<MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage>, MessageHandlers<ToPage>> {
  const {
    clock = systemClock,
    onUnsaved = warnOfUnsaved,
    onError = console.error,
    ...socketOptions
  } = options
  const parts = { protocol, now: () => clock.now(), newPageId, onUnsaved, onError }

  return async (context) => {
    const { previous, signal, onLost, listeners } = context
    const connection: MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage> =
      previous instanceof MessagesConnection ? previous : new MessagesConnection(parts)
    connection.deliverTo(listeners)
    const connect = webSocket({
      ...socketOptions,
      clock,
      // The connection itself keeps what must not be lost.
      maxQueued: 0,
      ping: { message: () => connection.question(), interval: PING_INTERVAL, timeout: PING_TIMEOUT },
    })
    const socket = await connect({
      ...context,
      listeners: () => [(message) => connection.receive(message)],
      previous: undefined,
      onLost(reason = {}) {
        if (REFUSALS.includes(reason.code ?? 0)) connection.refused()
        onLost(reason)
      },
    })
    return new Promise((resolve) => {
      const close = connection.open({
        send: (frame) => socket.send(frame),
        onReady: () => resolve(connection),
        onUnsaved: context.onUnsaved,
      })
      signal.addEventListener('abort', close)
    })
  }
}

/** 128 bits. Without `crypto.randomUUID`, which pages without TLS don't have. */
function newPageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function warnOfUnsaved(unsaved: UnsavedMessage[]): void {
  console.warn(`${unsaved.length} messages may not have been applied: set \`onUnsaved\`.`, unsaved)
}
