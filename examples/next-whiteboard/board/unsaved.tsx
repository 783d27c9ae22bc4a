'use client'

import { SessionBackendProvider, useSessionBackend } from '@session-backend/react'
import { useEffect, useState } from 'react'
import { type BoardStore, boardStoreOf, warnBeforeUnload } from './board-store.ts'
import { connect } from './connect.ts'
import { useBoard } from './use-board.ts'

/** Says of a board that isn't shown that this window has changes of it which are not saved, and saves them. */
export function Unsaved({ board, user }: { board: string; user: string }) {
  const [store] = useState(() => boardStoreOf(board, user))
  const isUnsaved = useBoard(store, ({ unsaved }) => unsaved > 0)
  useEffect(warnBeforeUnload, [])
  if (!isUnsaved) return null
  return (
    <SessionBackendProvider endpoint="/api/sessions">
      <Saving board={board} store={store} />
    </SessionBackendProvider>
  )
}

function Saving({ board, store }: { board: string; store: BoardStore }) {
  const { connection } = useSessionBackend(board, { connect })
  useEffect(() => connection && store.attach(connection), [connection, store])
  return (
    <span className="unsaved" role="status">
      Not saved yet: kept in this window
    </span>
  )
}
