import type { Session } from '@session-backend/core'
import type { Connect } from '../connection/connect.ts'
import type { MessageListener, WebSocketConnection } from '../connection/web-socket.ts'
import type { SessionListeners, SessionOptions } from '../session/options.ts'

/** Options of `useSessionBackend`. Those that the provider has too default to the provider's. */
export interface UseSessionBackendOptions<C = WebSocketConnection, H = MessageListener>
  extends SessionOptions,
    SessionListeners<H> {
  /**
   * Whether to open the document. `false` opens nothing and keeps nothing open: it shows the session that other
   * components have open, and `idle` if no other has. Default true.
   */
  enabled?: boolean | undefined
  /** Makes the connection. Default: `webSocket()`. Components that share a document pass the same one. */
  connect?: Connect<C, H> | undefined
  /** The session as the server has requested it, so that the browser needn't: `sessionBackends.connect(...)`. */
  initialSession?: Session | undefined
}

/** The options of any document: what belongs together in them is for the types of the hooks to say. */
export type AnyOptions = Omit<UseSessionBackendOptions<unknown, never>, 'onMessage'> &
  SessionListeners<unknown>
