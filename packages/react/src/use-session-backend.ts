'use client'

import type { Session } from '@session-backend/core'
import { useSyncExternalStore } from 'react'
import type { WebSocketConnection } from './connection.ts'
import type { Connect, RouteOptions, SessionBackend } from './session.ts'
import { useSessionHandle } from './use-session-handle.ts'

/** Options of {@link useSessionBackend}. Those of the route default to the provider's. */
export interface SessionBackendOptions<C = WebSocketConnection> extends RouteOptions {
  /** Makes the connection. Default: `webSocket()`. Components that share a document pass the same one. */
  connect?: Connect<C> | undefined
  /** The session as the server has requested it, so that the browser needn't: `sessionBackends.connect(...)`. */
  initialSession?: Session | undefined
}

/**
 * Opens a document's session backend and keeps the connection to it, until the component unmounts. All
 * components on one document share one backend, one status stream and one connection.
 *
 * Branch on `phase`: `connected` has the `connection`, `failed` has the `error` and waits for `retry()`.
 * PROTOCOL.md: "Reaching the backend".
 *
 * @throws SessionBackendError `invalid_option` where neither the options nor a provider name an `endpoint`.
 */
export function useSessionBackend(
  documentId: string,
  options?: SessionBackendOptions & { connect?: undefined },
): SessionBackend<WebSocketConnection>
export function useSessionBackend<C>(documentId: string, options: SessionBackendOptions<C>): SessionBackend<C>
export function useSessionBackend(
  documentId: string,
  options: SessionBackendOptions<unknown> = {},
): SessionBackend<unknown> {
  const { handle } = useSessionHandle('useSessionBackend', documentId, options)
  return useSyncExternalStore(handle.subscribe, handle.getSnapshot, handle.getServerSnapshot)
}
