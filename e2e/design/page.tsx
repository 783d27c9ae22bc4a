import { useSessionBackend } from '@session-backend/react'
import { messages } from '@session-backend/react/messages'
import { protocol, type Stroke } from './protocol.ts'

interface BoardPageProps {
  boardId: string
  addStroke(stroke: Stroke): void
}

export function BoardPage({ boardId, addStroke }: BoardPageProps) {
  const session = useSessionBackend(boardId, { connect: messages(protocol), onMessage: { drawn: addStroke } })
  const dot: Stroke = { points: [{ x: 1, y: 1 }] }
  return (
    <button type="button" onClick={() => session.connection?.send('draw', dot)}>
      {session.phase}, {session.unsaved?.count} unsaved
    </button>
  )
}
