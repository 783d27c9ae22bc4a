import { readFile } from 'node:fs/promises'
import writeFileAtomic from 'write-file-atomic'
import { parseStrokes, type Stroke } from '../shared/messages.ts'

/** The file that a board is kept in. Only the backend with the highest fencing token may write it. */
export class BoardFile {
  private constructor(
    private readonly path: string,
    private readonly fencingToken: number,
  ) {}

  /**
   * Opens a board for the holder of a fencing token, and returns what is on it. From then on no backend with a
   * lower token can save it.
   */
  static async claim(path: string, fencingToken: number): Promise<{ file: BoardFile; strokes: Stroke[] }> {
    const file = new BoardFile(path, fencingToken)
    const { strokes } = await file.#read()
    await file.save(strokes)
    return { file, strokes }
  }

  /** Replaces the whole file, or nothing of it. Throws where another backend owns the board now. */
  async save(strokes: readonly Stroke[]): Promise<void> {
    const { fencingToken } = await this.#read()
    if (fencingToken > this.fencingToken) {
      throw new Error(`Fencing token ${this.fencingToken} is outdated: ${fencingToken} owns this board now.`)
    }
    await writeFileAtomic(this.path, JSON.stringify({ fencingToken: this.fencingToken, strokes }))
  }

  async #read(): Promise<{ fencingToken: number; strokes: Stroke[] }> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return { fencingToken: 0, strokes: [] }
    const saved = JSON.parse(text)
    const strokes = parseStrokes(saved.strokes)
    if (!strokes) throw new Error(`${this.path} is damaged: move it away to start with an empty board.`)
    return { fencingToken: Number(saved.fencingToken), strokes }
  }
}
