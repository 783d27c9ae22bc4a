'use client'

import { SessionBackendStatus, useSessionBackend } from '@session-backend/react'
import { messages } from '@session-backend/react/messages'
import { type PointerEvent, useMemo, useRef, useState } from 'react'
import { BOARD, type Line, type Person, type Point, protocol } from './protocol.ts'

const connect = messages(protocol)

/** A board: everybody who has it open draws on it. */
export function Board({ id, name }: { id: string; name: string }) {
  const [lines, setLines] = useState<Line[]>([])
  const [people, setPeople] = useState<Person[]>([])
  const [pointers, setPointers] = useState<Record<string, Point>>({})
  const last = useRef<Point>(undefined)
  const onMessage = useMemo(
    () => ({
      board: setLines,
      drawn: (line: Line) => setLines((lines) => [...lines, line]),
      people: setPeople,
      pointed: ({ id, at }: Person & { at: Point }) => setPointers((all) => ({ ...all, [id]: at })),
    }),
    [],
  )
  const session = useSessionBackend(id, { endpoint: '/api/sessions', connect, onMessage })
  const { connection } = session

  function move(event: PointerEvent<SVGSVGElement>) {
    const to = pointOf(event)
    connection?.send('point', to)
    const from = last.current
    if (from === undefined || Math.hypot(to.x - from.x, to.y - from.y) < 4) return
    last.current = to
    setLines((lines) => [...lines, { by: name, from, to }])
    connection?.send('draw', { from, to })
  }

  return (
    <div className="board" data-phase={session.phase}>
      <header>
        <h1>{id}</h1>
        <SessionBackendStatus session={session} className="status" />
        <button type="button" onClick={() => connection?.send('clear', null)}>
          Clear
        </button>
        <ul aria-label="People on this board">
          {people.map(({ id, name }) => (
            <li key={id} style={{ background: colorOf(name) }}>
              {name}
            </li>
          ))}
        </ul>
      </header>
      <svg
        viewBox={`0 0 ${BOARD.width} ${BOARD.height}`}
        role="img"
        aria-label="The board: draw on it"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          last.current = pointOf(event)
        }}
        onPointerMove={move}
        onPointerUp={() => {
          last.current = undefined
        }}
      >
        {[...pathsOf(lines)].map(([by, path]) => (
          <path key={by} className="line" d={path} stroke={colorOf(by)} />
        ))}
        {people.map(({ id, name }) => {
          const at = pointers[id]
          return (
            at && (
              <g key={id} className="pointer" transform={`translate(${at.x} ${at.y})`} fill={colorOf(name)}>
                <path d="M0 0 L8 24 L13 14 L24 9 Z" />
                <text x="18" y="34">
                  {name}
                </text>
              </g>
            )
          )
        })}
      </svg>
    </div>
  )
}

/** On white, and under white text, each has a contrast of 4.5:1 or more. */
const COLORS = ['#1d4ed8', '#c2410c', '#15803d', '#9333ea', '#be185d', '#854d0e', '#0e7490', '#475569']

/** Everybody has the same colour everywhere. */
function colorOf(name: string): string {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
  return COLORS[sum % COLORS.length] ?? 'black'
}

/** What each person has drawn, as one path. */
function pathsOf(lines: readonly Line[]): Map<string, string> {
  const paths = new Map<string, string>()
  for (const { by, from, to } of lines) {
    paths.set(by, `${paths.get(by) ?? ''}M${from.x} ${from.y}L${to.x} ${to.y}`)
  }
  return paths
}

function pointOf({ currentTarget, clientX, clientY }: PointerEvent<SVGSVGElement>): Point {
  const box = currentTarget.getBoundingClientRect()
  const within = (share: number, max: number) => Math.round(Math.min(Math.max(share, 0), 1) * max)
  return {
    x: within((clientX - box.left) / box.width, BOARD.width),
    y: within((clientY - box.top) / box.height, BOARD.height),
  }
}
