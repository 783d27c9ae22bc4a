'use client'

import type { Session } from '@session-backend/core'
import { useSyncExternalStore } from 'react'
import type { Connect } from '../connection/connect.ts'
import type { MessageListener, WebSocketConnection } from '../connection/web-socket.ts'
import type { SessionListeners, SessionOptions } from '../session/options.ts'
import type { UseSessionBackendResult } from '../session/result.ts'
import { useSessionHandle } from './use-session-handle.ts'

/** Options of {@link useSessionBackend}. Those that the provider has too default to the provider's. */
export interface UseSessionBackendOptions<C = WebSocketConnection, H = MessageListener>
  extends SessionOptions,
    SessionListeners<H> {
  /**
   * Whether to open the document. `false` opens nothing and keeps nothing open: it shows the session that other
   * components have open, and `idle` if there is none. Default true.
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

/**
 * Opens a document's session backend and keeps the connection to it, until the component unmounts. All
 * components on one document share one backend, one status stream and one connection. Without a document
 * (`null`, `undefined` or an empty string) nothing is opened, and the phase is `idle`.
 *
 * Branch on `phase`: `connected` has the `connection`, `failed` has the `error` and waits for `retry()`.
 * PROTOCOL.md: "Reaching the backend".
 *
 * @throws SessionBackendError `invalid_option` if neither the options nor a provider name an `endpoint`.
 */
export function useSessionBackend(
  documentId: string | null | undefined,
  options?: UseSessionBackendOptions & { connect?: undefined },
): UseSessionBackendResult<WebSocketConnection>
export function useSessionBackend<C, H = unknown>(
  documentId: string | null | undefined,
  options: UseSessionBackendOptions<C, H>,
): UseSessionBackendResult<C>
export function useSessionBackend(
  documentId: string | null | undefined,
  options: AnyOptions = {},
): UseSessionBackendResult<unknown> {
  const { handle } = useSessionHandle('useSessionBackend', documentId, options)
  return useSyncExternalStore(handle.subscribe, handle.getSnapshot, handle.getServerSnapshot)
}
