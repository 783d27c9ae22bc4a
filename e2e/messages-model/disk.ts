import { type DocumentStorage, outdatedFencingToken, type Saved } from '../../packages/backend/src/storage.ts'
import { after } from './virtual-time.ts'

/** A bug of a storage, to see that the model finds it. */
export type DiskBug = 'cursors in a second write' | 'reading without a claim'

/** Where the document is kept: one disk for all backends. What a dead backend still asks for is never answered. */
export class Disk {
  #stored: string | undefined
  #claimed = 0
  isFailing = false

  constructor(
    private readonly delay: () => number,
    private readonly onWritten: (list: readonly string[]) => void,
    private readonly bug?: DiskBug | undefined,
  ) {}

  get list(): readonly string[] {
    return this.#read()?.value ?? []
  }

  /** What a backend sees of it, as long as it lives. */
  storageOf(isAlive: () => boolean): DocumentStorage<string[]> {
    const step = async () => {
      await after(this.delay())
      if (!isAlive()) await new Promise(() => {})
      if (this.isFailing) throw new Error('The disk is full.')
    }
    return {
      read: async (token) => {
        await step()
        if (token < this.#claimed) throw outdatedFencingToken(token, this.#claimed)
        if (this.bug !== 'reading without a claim') this.#claimed = token
        const saved = this.#read()
        await step()
        return saved
      },
      write: async (saved) => {
        const next: Saved<string[]> = JSON.parse(JSON.stringify(saved))
        await step()
        if (this.bug === 'cursors in a second write') {
          this.#write({ ...next, cursors: this.#read()?.cursors ?? {} })
          await step()
        }
        this.#write(next)
        await step()
      },
    }
  }

  #read(): Saved<string[]> | undefined {
    return this.#stored === undefined ? undefined : JSON.parse(this.#stored)
  }

  #write(saved: Saved<string[]>): void {
    if (saved.token < this.#claimed) throw outdatedFencingToken(saved.token, this.#claimed)
    this.#claimed = saved.token
    this.#stored = JSON.stringify(saved)
    this.onWritten(saved.value)
  }
}
