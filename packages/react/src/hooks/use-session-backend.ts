'use client'

import { useSyncExternalStore } from 'react'
import type { WebSocketConnection } from '../connection/web-socket.ts'
import type { UseSessionBackendResult } from '../session/result.ts'
import type { AnyOptions, UseSessionBackendOptions } from './options.ts'
import { useSessionHandle } from './use-session-handle.ts'

/**
 * Opens a document's backend and keeps the connection to it until the component unmounts. All components with
 * the same document share one backend and one connection. If `documentId` is `null`, `undefined` or empty,
 * nothing is opened and the phase is `idle`.
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
  const { handle } = useSessionHandle(documentId, options)
  return useSyncExternalStore(handle.subscribe, handle.getSnapshot, handle.getServerSnapshot)
}
