import * as v from 'valibot'

/** The board's size, in units of its own: every screen shows all of it. */
export const BOARD = { width: 1600, height: 1000 } as const

/** The colours of pens and of people. */
export const COLORS = ['#1f2937', '#c2410c', '#15803d', '#1d4ed8', '#7e22ce', '#be185d'] as const

/** The most points in one message, and in one stroke. */
export const MAX_POINTS = 4_000
/** The most strokes on one board. */
export const MAX_STROKES = 5_000

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(64))
const Color = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(COLORS.length - 1))
const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_POINTS))
const X = v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.width))
const Y = v.pipe(v.number(), v.minValue(0), v.maxValue(BOARD.height))
const Points = v.pipe(v.array(v.tuple([X, Y])), v.maxLength(MAX_POINTS))
const Ids = v.pipe(v.array(Id), v.maxLength(MAX_STROKES))

const StrokeSchema = v.object({ id: Id, color: Color, points: Points })
const PersonSchema = v.object({
  id: Id,
  name: v.string(),
  role: v.picklist(['editor', 'viewer']),
  color: Color,
})

/** A line that somebody draws: while it is drawn, its points grow. */
export type Stroke = v.InferOutput<typeof StrokeSchema>
/** Somebody who has the board open. */
export type Person = v.InferOutput<typeof PersonSchema>

/**
 * The points of a stroke from `from` on. Sent twice it changes nothing, so that a page can send all that may not
 * have arrived again.
 */
const Draw = v.object({ type: v.literal('draw'), id: Id, color: Color, from: Count, points: Points })
const Erase = v.object({ type: v.literal('erase'), ids: Ids })
const Cursor = v.object({ type: v.literal('cursor'), x: X, y: Y })

const ToBackend = v.variant('type', [Draw, Erase, Cursor])

const FromBackend = v.variant('type', [
  /** The first message: what is on the board, and who is here. */
  v.object({
    type: v.literal('welcome'),
    you: Id,
    people: v.array(PersonSchema),
    strokes: v.array(StrokeSchema),
  }),
  v.object({ type: v.literal('people'), people: v.array(PersonSchema) }),
  v.object({ type: v.literal('cursor'), person: Id, x: X, y: Y }),
  Draw,
  Erase,
  /** How many points of these strokes are safe on disk. */
  v.object({ type: v.literal('saved'), points: v.record(v.string(), v.number()) }),
])

/** What a page says to its backend. */
export type ToBackend = v.InferOutput<typeof ToBackend>
/** What a backend says to a page. */
export type FromBackend = v.InferOutput<typeof FromBackend>

/** Reads a message of a page; `undefined` where it is none. */
export function parseToBackend(text: string): ToBackend | undefined {
  return parse(ToBackend, text)
}

/** Reads a message of a backend; `undefined` where it is none. */
export function parseFromBackend(text: string): FromBackend | undefined {
  return parse(FromBackend, text)
}

/** Reads what was on a board; `undefined` where it is none. */
export function parseStrokes(value: unknown): Stroke[] | undefined {
  const result = v.safeParse(v.array(StrokeSchema), value)
  return result.success ? result.output : undefined
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(text))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}
