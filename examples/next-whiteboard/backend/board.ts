import { MAX_POINTS, MAX_STROKES, type Piece, type Stroke } from '../shared/protocol.ts'

/** What is on the board: strokes in the order in which they were begun. */
export class Board {
  readonly #strokes: Map<string, Stroke>
  #saving: Record<string, number> = {}
  /** How many points of each stroke are on the disk. */
  saved: Record<string, number> = {}

  constructor(strokes: readonly Stroke[] = []) {
    this.#strokes = new Map(strokes.map((stroke) => [stroke.id, stroke]))
    this.save()
    this.onSaved()
  }

  get strokes(): Stroke[] {
    return [...this.#strokes.values()]
  }

  /**
   * Adds to a stroke of one's own. Returns whether that changed anything: a repetition doesn't, nor what leaves a gap
   * or is too much.
   */
  draw(by: string, { id, color, from, points }: Piece): boolean {
    const stroke = this.#strokes.get(id) ?? { id, by, color, points: [] }
    const fresh = points.slice(Math.max(stroke.points.length - from, 0))
    if (stroke.by !== by || from > stroke.points.length || fresh.length === 0) return false
    if (stroke.points.length + fresh.length > MAX_POINTS) return false
    if (!this.#strokes.has(id) && this.#strokes.size >= MAX_STROKES) return false
    this.#strokes.set(id, { ...stroke, points: [...stroke.points, ...fresh] })
    return true
  }

  /** Takes strokes of one's own off the board. Returns those that were there. */
  erase(by: string, ids: readonly string[]): string[] {
    return ids.filter((id) => this.#strokes.get(id)?.by === by && this.#strokes.delete(id))
  }

  /** Returns what is to be saved. */
  save(): Stroke[] {
    this.#saving = Object.fromEntries(this.strokes.map(({ id, points }) => [id, points.length]))
    return this.strokes
  }

  /** What `save` returned last is on the disk. */
  onSaved(): void {
    this.saved = this.#saving
  }
}
