'use client'

import { useSessionBackend } from '@session-backend/react'

/**
 * Says of a board that isn't shown that this window has changes of it which are not saved. Its session goes
 * on until they are.
 */
export function Unsaved({ board }: { board: string }) {
  const { unsaved } = useSessionBackend(board, { enabled: false })
  if (!unsaved?.count) return null
  return (
    <span className="unsaved" role="status">
      Not saved yet: kept in this browser
    </span>
  )
}
