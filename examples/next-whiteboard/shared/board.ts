import { MAX_POINTS, MAX_STROKES, type Piece, type Stroke } from './protocol.ts'

/** What is on a board: strokes in the order in which they were begun. */
export class Board {
  readonly #strokes: Map<string, Stroke>

  constructor(strokes: readonly Stroke[] = []) {
    this.#strokes = new Map(strokes.map((stroke) => [stroke.id, stroke]))
  }

  get strokes(): Stroke[] {
    return [...this.#strokes.values()]
  }

  find(id: string): Stroke | undefined {
    return this.#strokes.get(id)
  }

  /**
   * Begins a stroke, or goes on with one of one's own. Returns whether that changed anything: what is too
   * much doesn't.
   */
  draw(by: string, { id, color, points }: Piece): boolean {
    const stroke = this.#strokes.get(id) ?? { id, by, color, points: [] }
    if (stroke.by !== by || points.length === 0 || stroke.points.length + points.length > MAX_POINTS)
      return false
    if (stroke.points.length === 0 && this.#strokes.size >= MAX_STROKES) return false
    this.#strokes.set(id, { ...stroke, points: [...stroke.points, ...points] })
    return true
  }

  /** Takes strokes of one's own off the board. Returns those that were there. */
  erase(by: string, ids: readonly string[]): string[] {
    return ids.filter((id) => this.#strokes.get(id)?.by === by && this.#strokes.delete(id))
  }
}
