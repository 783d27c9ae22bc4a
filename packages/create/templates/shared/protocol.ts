// The messages between the page and the backend.
import { defineProtocol } from '@session-backend/react/messages'
import * as v from 'valibot'

/** A board is a square. This is the length of its sides, in the units of its points. */
export const SIDE = 1000

const Coordinate = v.pipe(v.number(), v.minValue(0), v.maxValue(SIDE))
const Point = v.object({ x: Coordinate, y: Coordinate })
export type Point = v.InferOutput<typeof Point>

/** A short straight line, and who drew it. */
export const Line = v.object({ by: v.string(), from: Point, to: Point })
export type Line = v.InferOutput<typeof Line>

const Person = v.object({ id: v.string(), name: v.string() })
export type Person = v.InferOutput<typeof Person>

export const protocol = defineProtocol({
  toBackend: { draw: v.object({ from: Point, to: Point }), clear: v.null(), point: Point },
  toPage: {
    board: v.array(Line),
    drawn: Line,
    people: v.array(Person),
    pointed: v.object({ id: v.string(), at: Point }),
  },
  // Cursors may be lost: the next message has the newer position.
  volatile: ['point', 'pointed'],
})
