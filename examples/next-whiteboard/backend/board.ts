import { MAX_POINTS, MAX_STROKES, type Stroke, type ToBackend } from '../shared/messages.ts'

/** What is on the board: strokes in the order in which they were begun. */
export class Board {
  readonly #strokes: Map<string, Stroke>

  constructor(strokes: readonly Stroke[]) {
    this.#strokes = new Map(strokes.map((stroke) => [stroke.id, stroke]))
  }

  get strokes(): Stroke[] {
    return [...this.#strokes.values()]
  }

  /** Adds to a stroke. Returns whether that changed anything: a repetition doesn't, nor what leaves a gap or is too much. */
  draw({ id, color, from, points }: Extract<ToBackend, { type: 'draw' }>): boolean {
    const stroke = this.#strokes.get(id) ?? { id, color, points: [] }
    const fresh = points.slice(Math.max(stroke.points.length - from, 0))
    if (from > stroke.points.length || fresh.length === 0) return false
    if (stroke.points.length + fresh.length > MAX_POINTS) return false
    if (!this.#strokes.has(id) && this.#strokes.size >= MAX_STROKES) return false
    this.#strokes.set(id, { ...stroke, points: [...stroke.points, ...fresh] })
    return true
  }

  /** Takes strokes off the board. Returns whether there were any. */
  erase(ids: readonly string[]): boolean {
    return ids.filter((id) => this.#strokes.delete(id)).length > 0
  }
}
