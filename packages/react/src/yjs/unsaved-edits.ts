import { type Doc, decodeSnapshot, mergeUpdates, snapshotContainsUpdate, type Transaction } from 'yjs'
import type { Unsaved } from '../connection/unsaved.ts'

/**
 * How many updates are kept one by one. There is a limit because a backend may never report what it has
 * saved.
 */
const MAX_UPDATES = 1_000

/** Edits that were made here, and when the first of them was, in ms since the epoch. */
interface Edits {
  update: Uint8Array
  count: number
  at: number
}

/** The edits of a document that were made in this page, and aren't saved yet. */
export class UnsavedEdits {
  #edits: Edits[] = []
  /** Whether the backend tells what it has saved. */
  #isTold = false
  #onUnsaved: (unsaved: Unsaved) => void = () => {}

  constructor(doc: Doc) {
    doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Doc, { local }: Transaction) => {
      if (!local) return
      this.#edits.push({ update, count: 1, at: Date.now() })
      if (this.#edits.length > MAX_UPDATES) this.#edits = merge(this.#edits)
      this.#tell()
    })
  }

  /** Sets the function to call with changes. */
  tellTo(onUnsaved: (unsaved: Unsaved) => void): void {
    this.#onUnsaved = onUnsaved
    this.#tell()
  }

  /** The backend has saved all edits of a snapshot. */
  saved(snapshot: Uint8Array): void {
    const saved = decodeSnapshot(snapshot)
    this.#isTold = true
    this.#edits = this.#edits.filter(({ update }) => !snapshotContainsUpdate(saved, update))
    this.#tell()
  }

  #tell(): void {
    if (!this.#isTold) return
    const count = this.#edits.reduce((sum, edits) => sum + edits.count, 0)
    this.#onUnsaved({ count, since: this.#edits[0]?.at })
  }
}

function merge(edits: Edits[]): Edits[] {
  const update = mergeUpdates(edits.map((each) => each.update))
  return [{ update, count: edits.reduce((sum, each) => sum + each.count, 0), at: edits[0]?.at ?? 0 }]
}

const ofDocument = new WeakMap<Doc, UnsavedEdits>()

/** A document's unsaved edits, counted from the first call on. */
export function unsavedEditsOf(doc: Doc): UnsavedEdits {
  const edits = ofDocument.get(doc) ?? new UnsavedEdits(doc)
  ofDocument.set(doc, edits)
  return edits
}
