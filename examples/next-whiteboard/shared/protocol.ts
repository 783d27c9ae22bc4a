import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'

/** The board's size, in its own units. */
export const BOARD = { width: 1600, height: 1000 } as const

/** The colours of pens and of people: 4.5:1 or more on white. */
export const COLORS = ['#1f2937', '#c2410c', '#15803d', '#1d4ed8', '#7e22ce', '#be185d'] as const

/** The most points in one message, and in one stroke. */
export const MAX_POINTS = 4_000
/** The most strokes on one board. */
export const MAX_STROKES = 5_000

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const Color = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(COLORS.length - 1))
const X = v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.width))
const Y = v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.height))
const Points = v.pipe(v.array(v.tuple([X, Y])), v.maxLength(MAX_POINTS))
const Ids = v.pipe(v.array(Id), v.maxLength(MAX_STROKES))
const Role = v.picklist(['editor', 'viewer'])

/** A line that the user `by` draws: while it is drawn, its points grow. */
export const Stroke = v.object({ id: Id, by: v.string(), color: Color, points: Points })
export type Stroke = v.InferOutput<typeof Stroke>

/** Who comes, as the app's route granted it. The id is ASCII, because it is sent in a header. */
export const User = v.object({ id: v.string(), role: Role })
export type User = v.InferOutput<typeof User>

/** Somebody who has the board open, in one of their windows. */
const Person = v.object({ id: Id, name: v.string(), role: Role, color: Color })
export type Person = v.InferOutput<typeof Person>

/** The first points of a stroke, or the next ones. */
const Piece = v.object({ id: Id, color: Color, points: Points })
export type Piece = v.InferOutput<typeof Piece>

/** What a board's page and its backend say to each other. */
export const protocol = defineProtocol({
  toBackend: { draw: Piece, erase: Ids, cursor: v.object({ x: X, y: Y }) },
  toPage: {
    /** The first message: what is on the board, and who is here. */
    board: v.object({ me: Id, people: v.array(Person), strokes: v.array(Stroke) }),
    people: v.array(Person),
    cursor: v.object({ person: Id, x: X, y: Y }),
    drawn: v.object({ ...Piece.entries, by: v.string() }),
    erased: v.object({ ids: Ids, by: v.string() }),
  },
  volatile: ['cursor'],
})
