import type { Session } from '@session-backend/core'
import type { Connect } from '../connection/connect.ts'
import type { MessageListener, WebSocketConnection } from '../connection/web-socket.ts'
import type { SessionListeners, SessionOptions } from '../session/options.ts'

/** Options of `useSessionBackend`. They override the options of the provider. */
export interface UseSessionBackendOptions<C = WebSocketConnection, H = MessageListener>
  extends SessionOptions,
    SessionListeners<H> {
  /**
   * Whether to open the document. With `false`, the hook opens nothing. It shows the session that other
   * components have open, or the phase `idle` if no component has it open. Default true.
   */
  enabled?: boolean | undefined
  /**
   * Makes the connection. Components with the same document must pass the same function. Default:
   * `webSocket()`.
   */
  connect?: Connect<C, H> | undefined
  /**
   * The session that the server requested with `sessionBackends.connect(...)`, so that the browser needn't.
   */
  initialSession?: Session | undefined
}

/** The options of any document. The types of the hooks say which of them belong together. */
export type AnyOptions = Omit<UseSessionBackendOptions<unknown, never>, 'onMessage'> &
  SessionListeners<unknown>
