import type { Clock, Protocol } from '@session-backend/core'
import { SessionBackendError, systemClock } from '@session-backend/core/internal'
import type { Connect, ConnectContext } from '../connection/connect.ts'
import { createUnsavedReport, type UnsavedOptions } from '../connection/unsaved-report.ts'
import { type WebSocketOptions, webSocket } from '../connection/web-socket.ts'
import type { MessageHandlers } from './incoming.ts'
import type { Shelf } from './kept-on-disk.ts'
import { MessagesConnection } from './messages-connection.ts'
import { MAX_KEPT, type UnsavedMessage } from './outbox.ts'

/** After this silence, in ms, the backend is asked how far the messages have come … */
const PING_INTERVAL = 10_000
/** … and has this time to answer, in ms. */
const PING_TIMEOUT = 4_000
/** The close codes by which a backend refuses a message. PROTOCOL.md: "Close codes". */
const REFUSALS = [1003, 1007, 1009, 4422]

/** Options of {@link messages}. */
export interface MessagesOptions extends Pick<WebSocketOptions, 'WebSocket' | 'protocols'>, UnsavedOptions {
  /**
   * Whether to keep unsaved messages in IndexedDB. If a page is closed or reloaded, the next page with the
   * same document and user sends them. Needs HTTPS or localhost. Default false.
   */
  persist?: boolean | undefined
  /**
   * Gets messages that aren't sent again, because the backend refused them or can't tell whether it applied
   * them, or because the session was closed. Show them to the user, or send them again if applying them twice does no harm. Default: a warning
   * in the console.
   */
  onUnsaved?: ((messages: UnsavedMessage[]) => void) | undefined
  /**
   * Called for each message from the backend that doesn't fit the protocol. It is ignored. Default: a line in
   * the console.
   */
  onError?: ((error: SessionBackendError) => void) | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
}

/** More options of {@link connectByMessages}. */
export interface MessagesSetting {
  openShelf(user: string, documentId: string, closed: AbortSignal): Promise<Shelf>
  maxKept?: number
}

/** Creates the result of `messages`. */
export function connectByMessages<ToBackendIn, ToBackend, ToPageIn, ToPage>(
  protocol: Protocol<ToBackendIn, ToBackend, ToPageIn, ToPage>,
  options: MessagesOptions,
  { openShelf, maxKept = MAX_KEPT }: MessagesSetting,
): Connect<MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage>, MessageHandlers<ToPage>> {
  const { clock = systemClock, onUnsaved = warnOfUnsaved, onError = console.error } = options
  type TheConnection = MessagesConnection<ToBackendIn, ToBackend, ToPageIn, ToPage>

  function connectionOf(context: ConnectContext<MessageHandlers<ToPage>>): TheConnection {
    const { closed, listeners, session } = context
    const report = createUnsavedReport(context, clock, options)
    const connection: TheConnection = new MessagesConnection({
      ...{ protocol, now: () => clock.now(), newPageId, maxKept, onUnsaved, report, onError, closed },
    })
    connection.deliverTo(listeners)
    ofSession.set(closed, { connection, user: session.user })
    return connection
  }

  return async (context) => {
    const { documentId, endpoint, session, closed, signal, onLost } = context
    const known = ofSession.get(closed)
    if (known && known.user !== session.user) {
      throw new SessionBackendError('unauthenticated', 'Another user has signed in. Reload the page.')
    }
    const connection: TheConnection =
      known?.connection instanceof MessagesConnection ? known.connection : connectionOf(context)
    if (options.persist) {
      await connection.restore(() => openShelf(session.user ?? '', `${endpoint} ${documentId}`, closed))
    }
    const connect = webSocket({
      WebSocket: options.WebSocket,
      protocols: options.protocols,
      clock,
      // The connection itself keeps unsaved messages.
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
      })
      signal.addEventListener('abort', close)
    })
  }
}

/**
 * The connection of each session, with the user whose messages it keeps, by the signal of the session. It
 * outlives each attempt to connect.
 */
const ofSession = new WeakMap<AbortSignal, { connection: unknown; user: string | undefined }>()

/** 128 bits. Without `crypto.randomUUID`, which pages without TLS don't have. */
function newPageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function warnOfUnsaved(unsaved: UnsavedMessage[]): void {
  console.warn(`${unsaved.length} messages may not have been applied: set \`onUnsaved\`.`, unsaved)
}
