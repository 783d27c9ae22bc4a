'use client'

import {
  type Session,
  SessionBackendProvider,
  SessionBackendStatus,
  useSessionBackend,
} from '@session-backend/react'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import { COLORS } from '../shared/messages.ts'
import { BoardStore } from './board-store.ts'
import { connect } from './connect.ts'
import { People } from './people.tsx'
import { StatusLine } from './status-line.tsx'
import { Surface } from './surface.tsx'
import { useBoard } from './use-board.ts'

/** What a board's page needs to know. */
export interface BoardPageProps {
  id: string
  title: string
  role: 'editor' | 'viewer'
  initialSession: Session | undefined
}

/** One board: its bar, and what is drawn on it. */
export function BoardPage(props: BoardPageProps) {
  return (
    <SessionBackendProvider endpoint="/api/sessions">
      <OpenBoard {...props} />
    </SessionBackendProvider>
  )
}

function OpenBoard({ id, title, role, initialSession }: BoardPageProps) {
  const session = useSessionBackend(id, { connect, initialSession })
  const [store] = useState(() => new BoardStore())
  const { connection } = session
  useEffect(() => connection && store.attach(connection), [connection, store])
  const loaded = useBoard(store, ({ loaded }) => loaded)
  const [color, setColor] = useState(0)
  const canDraw = role === 'editor'
  // Nothing goes on by itself: it is for the user to try again.
  const stopped = session.phase === 'failed' || session.phase === 'ended'

  return (
    <div className="board-page" data-backend={session.name} data-phase={session.phase}>
      <header>
        <Link href="/" className="back">
          All boards
        </Link>
        <h1>{title}</h1>
        <StatusLine session={session} store={store} />
        {canDraw && <Pens color={color} onPick={setColor} />}
        {canDraw && <Undo store={store} />}
        <People store={store} />
      </header>
      {stopped && <SessionBackendStatus session={session} className="notice" />}
      <Surface store={store} color={color} canDraw={canDraw && loaded} />
    </div>
  )
}

const NAMES = ['Slate', 'Orange', 'Green', 'Blue', 'Violet', 'Pink']

function Pens({ color, onPick }: { color: number; onPick: (color: number) => void }) {
  return (
    <fieldset className="pens">
      <legend className="visually-hidden">Pen</legend>
      {COLORS.map((value, index) => (
        <label key={value} style={{ background: value }} title={NAMES[index]}>
          <input type="radio" name="pen" checked={index === color} onChange={() => onPick(index)} />
          <span className="visually-hidden">{NAMES[index]}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Undo({ store }: { store: BoardStore }) {
  const last = useBoard(store, ({ strokes }) => strokes.at(-1)?.id)
  return (
    <button
      type="button"
      disabled={last === undefined}
      onClick={() => last !== undefined && store.erase([last])}
    >
      Undo the last line
    </button>
  )
}
