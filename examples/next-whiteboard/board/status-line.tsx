import type { UseSessionBackendResult } from '@session-backend/react'
import { MAX_STROKES } from '../shared/protocol.ts'
import type { BoardStore } from './board-store.ts'
import { useBoard } from './use-board.ts'

const STARTING: Record<string, string> = {
  Loading: 'Loading the program…',
  Starting: 'Starting a process for this board…',
  Ready: 'Connecting…',
}

/** How far the board's backend is, and whether what was drawn is safe. */
export function StatusLine({
  session,
  store,
}: {
  session: UseSessionBackendResult<unknown>
  store: BoardStore
}) {
  const full = useBoard(store, ({ strokes }) => strokes.length >= MAX_STROKES)
  return (
    <p
      className={session.phase === 'connected' && !session.unsaved?.count ? 'state safe' : 'state'}
      role="status"
    >
      {textOf(session)}
      {full && ' The board is full. Remove a line before you draw another.'}
    </p>
  )
}

function textOf({ phase, status, unsaved }: UseSessionBackendResult<unknown>): string {
  switch (phase) {
    case 'connected':
      return unsaved?.count ? 'Saving…' : 'Saved'
    case 'reconnecting':
      return 'Reconnecting. What you draw is kept in this browser.'
    case 'failed':
    case 'ended':
      return unsaved?.count ? 'Not connected. What you drew is kept in this browser.' : 'Not connected'
    default:
      return (status && STARTING[status]) ?? 'Opening the board…'
  }
}
