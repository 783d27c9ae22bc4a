import type { Document } from './document.ts'

/** Saves a document whenever it has changed, one save at a time; edits during a save share the next one. */
export class Saver {
  #dirty = false
  #running: Promise<void> | undefined

  constructor(
    private readonly document: Document,
    /** Told the snapshot that is safe on disk after each save. */
    private readonly onSaved: (snapshot: Uint8Array) => void,
    /** Told why saving failed: the backend can't go on. */
    private readonly onError: (error: unknown) => void,
  ) {
    document.doc.on('update', () => this.request())
  }

  /** Asks for a save of all that the document holds now. */
  request(): void {
    this.#dirty = true
    this.#running ??= this.#run().catch(this.onError)
  }

  /** Resolves when everything up to now is saved, or saving has failed. */
  async flush(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#dirty) {
        this.#dirty = false
        this.onSaved(await this.document.save())
      }
    } finally {
      this.#running = undefined
    }
  }
}
