'use client'

import { SessionBackendStatus, traceHeaders, useSessionBackend } from '@session-backend/react'
import { messages } from '@session-backend/react/messages'
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import { type Line, type Person, type Point, protocol, SIDE } from './protocol.ts'

const connect = messages(protocol)

/** A board. Everybody who has it open draws on it. */
export function Board({ id, name }: { id: string; name: string }) {
  const [lines, setLines] = useState<Line[]>([])
  /** What was drawn here and isn't saved yet. It is shown at once, also while there is no connection. */
  const [drawn, setDrawn] = useState<Line[]>([])
  const [people, setPeople] = useState<Person[]>([])
  const [cursors, setCursors] = useState<Record<string, Point>>({})
  const pen = useRef<Point>(undefined)

  const session = useSessionBackend(id, {
    endpoint: '/api/sessions',
    // With them, the platform's dashboard shows how long each step took from the click on.
    headers: traceHeaders,
    connect,
    onMessage: {
      board: setLines,
      drawn: (line) => setLines((all) => [...all, line]),
      people: setPeople,
      pointed: ({ id, at }) => setCursors((all) => ({ ...all, [id]: at })),
    },
  })
  const { connection, phase, unsaved } = session
  // The backend sends each line to everybody before it reports the line as saved.
  useEffect(() => {
    if (unsaved?.count === 0) setDrawn([])
  }, [unsaved?.count])

  function move(event: PointerEvent<SVGSVGElement>) {
    const to = pointOf(event)
    connection?.send('point', to)
    const from = pen.current
    if (!from || Math.hypot(to.x - from.x, to.y - from.y) < 4) return
    pen.current = to
    if (connection?.send('draw', { from, to })) setDrawn((all) => [...all, { by: name, from, to }])
  }

  function clear() {
    if (connection?.send('clear', null)) setDrawn([])
  }

  const shown = useMemo(() => [...pathsOf([...lines, ...drawn])], [lines, drawn])
  return (
    <div className="board" data-phase={phase}>
      <header>
        <h1>{id}</h1>
        <SessionBackendStatus session={session} className="status" />
        <ul aria-label="People on this board">
          {people.map((person) => (
            <li key={person.id} className={colorOf(person.name)}>
              {person.name}
            </li>
          ))}
        </ul>
        <form method="post" action="/api/sign-out">
          <button type="button" onClick={clear} disabled={!connection}>
            Clear
          </button>
          <button type="submit">Sign out</button>
        </form>
        <p>Draw with others: open this page in a private window and sign in under another name.</p>
      </header>
      <svg
        viewBox={`0 0 ${SIDE} ${SIDE}`}
        role="img"
        aria-label="The board: draw on it"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          pen.current = pointOf(event)
        }}
        onPointerMove={move}
        onLostPointerCapture={() => {
          pen.current = undefined
        }}
      >
        {phase === 'connected' && shown.length === 0 && (
          <text className="empty" x={SIDE / 2} y={SIDE / 2}>
            Draw here
          </text>
        )}
        {shown.map(([by, path]) => (
          <path key={by} className={`line ${colorOf(by)}`} d={path} />
        ))}
        {people.map((person) => (
          <Cursor key={person.id} name={person.name} at={cursors[person.id]} />
        ))}
      </svg>
    </div>
  )
}

function Cursor({ name, at }: { name: string; at: Point | undefined }) {
  if (!at) return null
  return (
    <g className={`cursor ${colorOf(name)}`} style={{ transform: `translate(${at.x}px, ${at.y}px)` }}>
      <path d="M0 0 L8 24 L13 14 L24 9 Z" />
      <text x="20" y="36">
        {name}
      </text>
    </g>
  )
}

/** A person has the same colour in each window. style.css has eight. */
function colorOf(name: string): string {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return `color-${sum % 8}`
}

/** All lines of each person as one SVG path. */
function pathsOf(lines: readonly Line[]): Map<string, string> {
  const paths = new Map<string, string>()
  for (const { by, from, to } of lines) {
    paths.set(by, `${paths.get(by) ?? ''}M${from.x} ${from.y}L${to.x} ${to.y}`)
  }
  return paths
}

/** Where on the board the pointer is. */
function pointOf({ currentTarget, clientX, clientY }: PointerEvent<SVGSVGElement>): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect()
  const scale = (share: number) => Math.round(Math.min(Math.max(share, 0), 1) * SIDE)
  return { x: scale((clientX - left) / width), y: scale((clientY - top) / height) }
}
