import type { Clock, Session } from '@session-backend/core'
import { SessionBackendError, systemClock } from '@session-backend/core/internal'
import type { Connect } from './connection/connect.ts'
import { type MessageListener, type WebSocketConnection, webSocket } from './connection/web-socket.ts'
import { checkOptions } from './session/check-options.ts'
import type { SessionListeners, SessionOptions } from './session/options.ts'
import type { UseSessionBackendResult } from './session/result.ts'
import { createSessionHandle, createSharedSessions } from './session/shared-sessions.ts'
import { platformStatus } from './status/platform-status.ts'

export type { Session } from '@session-backend/core'
export { SessionBackendError } from '@session-backend/core/internal'
export type { Connect, ConnectContext, LostReason } from './connection/connect.ts'
export { type WebSocketConnection, type WebSocketOptions, webSocket } from './connection/web-socket.ts'
export { type TraceHeaders, traceHeaders } from './route/trace-headers.ts'
export type { SessionOptions } from './session/options.ts'
export type { UseSessionBackendResult } from './session/result.ts'

/** Options of {@link createSessionClient}. */
export interface SessionClientOptions extends SessionOptions {
  /** The path or URL at which the app mounts the route, for example `/api/sessions`. */
  endpoint: string
  /** Default: the system clock. */
  clock?: Clock | undefined
}

/** Options of {@link SessionClient.open}. */
export interface OpenOptions<C = WebSocketConnection, H = MessageListener> extends SessionListeners<H> {
  /** Makes the connection. Default: `webSocket()`. */
  connect?: Connect<C, H> | undefined
  /**
   * The session that the server requested with `sessionBackends.connect(...)`, so that the browser needn't.
   */
  initialSession?: Session | undefined
}

/** The open session of a document, as a store. */
export interface OpenSession<C> {
  /** Returns what `useSessionBackend` returns in React. It is the same object until something changes. */
  getSnapshot(): UseSessionBackendResult<C>
  /** Calls `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /** Closes the session. The connection ends shortly after everyone who opened the document has closed it. */
  close(): void
}

/** Opens the sessions of an app. All sessions of a document share one backend and one connection. */
export interface SessionClient {
  /**
   * Opens a document's backend and keeps the connection to it until `close()`. PROTOCOL.md: "Reaching the
   * backend".
   *
   * @throws SessionBackendError `bad_request` if `documentId` is empty.
   */
  open(documentId: string, options?: OpenOptions & { connect?: undefined }): OpenSession<WebSocketConnection>
  open<C, H = unknown>(documentId: string, options: OpenOptions<C, H>): OpenSession<C>
  /**
   * Starts the document's backend without connecting to it, for example when the pointer rests on a link. If
   * the document is opened within 30 s, its session continues from there.
   */
  preload(documentId: string): void
}

/**
 * Creates a client without React, for Vue, Svelte, Solid and plain pages. Create one for a page and its user:
 * two clients share nothing, so a document that both open has two connections, and its user is there twice.
 *
 * @throws SessionBackendError `invalid_option` if an option is missing or wrong.
 */
export function createSessionClient(clientOptions: SessionClientOptions): SessionClient {
  checkOptions(clientOptions)
  const { clock = systemClock, ...settings } = clientOptions
  const sessions = createSharedSessions()

  function handleOf(documentId: string, options: OpenOptions<unknown, never>) {
    if (!documentId) throw new SessionBackendError('bad_request', '`documentId` must not be empty.')
    const { initialSession, connect = webSocket(), ...listeners } = options
    const { endpoint, statusSource = platformStatus } = settings
    const random = Math.random
    const handle = createSessionHandle({
      sessions,
      endpoint,
      documentId,
      enabled: true,
      clock,
      random,
      initialSession,
    })
    const handleOptions = { ...settings, statusSource, connect, ...listeners }
    checkOptions(handleOptions)
    handle.setOptions(handleOptions)
    return handle
  }

  function open(documentId: string, options: OpenOptions<unknown, never> = {}): OpenSession<unknown> {
    const handle = handleOf(documentId, options)
    const listeners = new Set<() => void>()
    const close = handle.subscribe(() => {
      for (const listener of [...listeners]) listener()
    })
    return {
      getSnapshot: handle.getSnapshot,
      subscribe(listener) {
        // A wrapper, so that one function can listen twice.
        const entry = () => listener()
        listeners.add(entry)
        return () => listeners.delete(entry)
      },
      close() {
        listeners.clear()
        close()
      },
    }
  }

  return {
    // What belongs together in the options is for the types above to say.
    open: open as SessionClient['open'],
    preload: (documentId) => handleOf(documentId, {}).preload(),
  }
}
