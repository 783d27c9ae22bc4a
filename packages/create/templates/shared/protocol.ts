// What the page and the backend say to each other.
import { defineProtocol } from '@session-backend/react/messages'
import * as v from 'valibot'

/** The size of a board, in its units. */
export const BOARD = { width: 1200, height: 800 }

const Point = v.object({
  x: v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.width)),
  y: v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.height)),
})
export type Point = v.InferOutput<typeof Point>

/** A piece of a line, and who drew it. */
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
    pointed: v.object({ ...Person.entries, at: Point }),
  },
  // Where somebody points is soon out of date: it may be left out.
  volatile: ['point', 'pointed'],
})
