'use client'

import { type Session, SessionBackendStatus, traceHeaders, useSessionBackend } from '@session-backend/react'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import { COLORS } from '../shared/protocol.ts'
import { type BoardStore, boardStoreOf } from './board-store.ts'
import { connect } from './connect.ts'
import { People } from './people.tsx'
import { Refused } from './refused.tsx'
import { StatusLine } from './status-line.tsx'
import { Surface } from './surface.tsx'
import { useBoard } from './use-board.ts'

/** What a board's page needs to know. */
export interface BoardPageProps {
  id: string
  title: string
  /** The id of the user. */
  user: string
  role: 'editor' | 'viewer'
  initialSession: Session | undefined
}

/** One board: its bar, and what is drawn on it. */
export function BoardPage({ id, title, user, role, initialSession }: BoardPageProps) {
  const session = useSessionBackend(id, { connect, headers: traceHeaders, initialSession })
  const [store] = useState(() => boardStoreOf(id, user))
  const { phase, connection, unsaved } = session
  useEffect(() => store.follow({ phase, connection, unsaved }), [store, phase, connection, unsaved])
  const loaded = useBoard(store, ({ loaded }) => loaded)
  const [color, setColor] = useState(0)
  const canDraw = role === 'editor'
  // Nothing goes on by itself: it is for the user to try again.
  const stopped = phase === 'failed' || phase === 'ended'
  if (session.error?.code === 'forbidden') return <Refused title={title} message={session.error.message} />

  return (
    <div className="board-page" data-backend={session.name} data-phase={phase}>
      <header>
        <Link href="/" className="back">
          All boards
        </Link>
        <h1>{title}</h1>
        <StatusLine session={session} store={store} />
        {!canDraw && <span className="role">You are watching. Editors draw.</span>}
        {canDraw && <Pens color={color} onPick={setColor} />}
        {canDraw && <Undo store={store} />}
        <People store={store} />
      </header>
      <main>
        {stopped && <SessionBackendStatus session={session} className="notice" />}
        {canDraw && <p className="hint">Two fingers move the board.</p>}
        <Surface store={store} color={color} canDraw={canDraw && loaded} />
      </main>
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
  const isPossible = useBoard(store, () => store.lastOwn() !== undefined)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z'
      if (!isUndo) return
      event.preventDefault()
      store.undo()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [store])
  return (
    <button type="button" disabled={!isPossible} title="Ctrl+Z" onClick={() => store.undo()}>
      Undo my last line
    </button>
  )
}
