import { defineProtocol } from '@session-backend/backend'
import * as v from 'valibot'

export const Point = v.object({ x: v.number(), y: v.number() })
export const Stroke = v.object({ points: v.array(Point) })
export type Stroke = v.InferOutput<typeof Stroke>
export const Board = v.object({ strokes: v.array(Stroke) })

export const protocol = defineProtocol({
  toBackend: { draw: Stroke, cursor: Point },
  toPage: { board: Board, drawn: Stroke },
})
