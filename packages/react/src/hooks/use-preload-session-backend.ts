'use client'

import { useCallback, useContext } from 'react'
import { checkOptions } from '../session/check-options.ts'
import { createSessionHandle } from '../session/shared-sessions.ts'
import { Context } from './provider.tsx'

/**
 * Returns a function that starts a document's backend without connecting to it. Call it when the pointer
 * rests on a link, or when a button gets the focus. If a hook with this document mounts within 30 s, it
 * continues from there. The function stays the same as long as the provider's options do.
 */
export function usePreloadSessionBackend(): (documentId: string) => void {
  const context = useContext(Context)
  return useCallback(
    (documentId) => {
      checkOptions(context)
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
