'use client'

import { useCallback, useContext } from 'react'
import { checkEndpoint } from '../session/check-endpoint.ts'
import { createSessionHandle } from '../session/shared-sessions.ts'
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
      checkEndpoint(context)
      const { sessions, clock, random, endpoint, ...settings } = context
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
