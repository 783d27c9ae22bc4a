'use client'

import { useCallback, useContext, useSyncExternalStore } from 'react'
import { Context } from './provider.tsx'
import type { SessionBackend } from './session.ts'
import { sessionKey } from './shared-sessions.ts'

/**
 * What `useSessionBackend` returns to the components that have a document open, for those that only show it: it
 * opens nothing, keeps nothing open, and is `undefined` while nobody has the document open.
 *
 * @param endpoint Default: the provider's.
 */
export function useSessionBackendStatus(
  documentId: string,
  { endpoint }: { endpoint?: string | undefined } = {},
): SessionBackend<unknown> | undefined {
  const { sessions, endpoint: provided = '' } = useContext(Context)
  const key = sessionKey(endpoint ?? provided, documentId)
  const subscribe = useCallback(
    (listener: () => void) => {
      const watcher = () => listener()
      sessions.watchers.add(watcher)
      return () => {
        sessions.watchers.delete(watcher)
      }
    },
    [sessions],
  )
  return useSyncExternalStore(
    subscribe,
    () => sessions.stores.get(key)?.getSnapshot(),
    () => undefined,
  )
}
