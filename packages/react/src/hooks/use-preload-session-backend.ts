'use client'

import { useCallback, useContext } from 'react'
import { createSessionHandle } from '../session/shared-sessions.ts'
import { endpointOf } from './endpoint.ts'
import { Context } from './provider.tsx'

/**
 * Returns a function that starts a document's backend without connecting to it, for when the pointer rests on a link or a
 * button is focused. A hook that mounts within 30 s goes on from there; what nobody mounts is let go. The function
 * changes only with the provider.
 */
export function usePreloadSessionBackend(): (documentId: string) => void {
  const context = useContext(Context)
  return useCallback(
    (documentId) => {
      const { sessions, clock, random, ...settings } = context
      const endpoint = endpointOf('usePreloadSessionBackend', context)
      const handle = createSessionHandle({
        ...{ sessions, endpoint, documentId, clock, random },
        enabled: true,
        initialSession: undefined,
      })
      handle.setOptions({ ...settings, endpoint })
      handle.preload()
    },
    [context],
  )
}
