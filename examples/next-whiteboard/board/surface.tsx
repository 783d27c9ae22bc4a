import { memo, type PointerEvent, useRef } from 'react'
import { BOARD, COLORS, type Stroke } from '../shared/protocol.ts'
import type { BoardStore } from './board-store.ts'
import { useBoard } from './use-board.ts'

/** The board itself: what is drawn, everybody's cursors, and the pen. */
export function Surface({ store, color, canDraw }: { store: BoardStore; color: number; canDraw: boolean }) {
  const pen = usePen(store, color, canDraw)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: where it is larger than the screen, the keyboard scrolls it.
    <section className="desk" tabIndex={0} aria-label="Desk">
      <svg
        className={canDraw ? 'surface can-draw' : 'surface'}
        viewBox={`0 0 ${BOARD.width} ${BOARD.height}`}
        role="img"
        aria-label="The board"
        {...pen}
      >
        <Strokes store={store} />
        <Cursors store={store} />
      </svg>
    </section>
  )
}

/** Draws while a button is down, and shows the others where this person points. */
function usePen(store: BoardStore, color: number, canDraw: boolean) {
  const stroke = useRef<string>(undefined)
  const fingers = useRef(new Map<number, { x: number; y: number }>())

  /** Two fingers move the board. What the first one had begun to draw is taken back. */
  function moveBoard({ currentTarget, pointerId, clientX: x, clientY: y }: PointerEvent<SVGSVGElement>) {
    const from = fingers.current.get(pointerId)
    if (!from) return false
    fingers.current.set(pointerId, { x, y })
    if (fingers.current.size < 2) return false
    currentTarget.parentElement?.scrollBy((from.x - x) / 2, (from.y - y) / 2)
    return true
  }

  function lift({ pointerId }: PointerEvent<SVGSVGElement>) {
    fingers.current.delete(pointerId)
    stroke.current = undefined
  }

  return {
    onPointerDown(event: PointerEvent<SVGSVGElement>) {
      if (event.pointerType === 'touch' && canDraw) {
        fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
        if (fingers.current.size > 1 && stroke.current !== undefined) store.erase([stroke.current])
        if (fingers.current.size > 1) stroke.current = undefined
      }
      if (!canDraw || !event.isPrimary || event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      stroke.current = store.draw(crypto.randomUUID(), color, pointOf(event))
    },
    onPointerMove(event: PointerEvent<SVGSVGElement>) {
      if (moveBoard(event)) return
      const [x, y] = pointOf(event)
      store.pointTo({ x, y })
      if (stroke.current !== undefined) stroke.current = store.draw(stroke.current, color, [x, y])
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  }
}

function pointOf({ currentTarget, clientX, clientY }: PointerEvent<SVGSVGElement>): [number, number] {
  const matrix = currentTarget.getScreenCTM()
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix?.inverse())
  return [within(x, BOARD.width), within(y, BOARD.height)]
}

/** Half a unit is finer than anybody sees. */
function within(value: number, max: number): number {
  return Math.round(Math.min(Math.max(value, 0), max) * 2) / 2
}

function Strokes({ store }: { store: BoardStore }) {
  const strokes = useBoard(store, ({ strokes }) => strokes)
  return strokes.map((stroke) => <Line key={stroke.id} stroke={stroke} />)
}

const Line = memo(function Line({ stroke: { color, points } }: { stroke: Stroke }) {
  const [first] = points
  if (!first) return null
  // A stroke of one point is a dot.
  const path = `M${first.join(' ')}L${(points.length > 1 ? points.slice(1) : points).join(' ')}`
  return <path className="stroke" d={path} stroke={COLORS[color]} />
})

function Cursors({ store }: { store: BoardStore }) {
  const cursors = useBoard(store, ({ cursors }) => cursors)
  const people = useBoard(store, ({ people }) => people)
  return people.map(({ id, name, color }) => {
    const at = cursors[id]
    return (
      at && (
        <g key={id} className="cursor" transform={`translate(${at.x} ${at.y})`} fill={COLORS[color]}>
          <path d="M0 0 L9 26 L14 15 L26 10 Z" />
          <text x="20" y="36">
            {name}
          </text>
        </g>
      )
    )
  })
}
