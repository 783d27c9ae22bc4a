import type { Connect } from '@session-backend/react'
import { type YjsConnection, yjs } from '@session-backend/react/yjs'
import { readVarUint8Array } from 'lib0/decoding'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { TEXT } from '../shared/text.ts'
import { keepColorDistinct, randomPerson } from './person.ts'

/** The message by which a backend says what is on the disk. PROTOCOL.md: "Yjs". */
const SAVED = 100

/** What a page shows of a {@link SharedDocument}. */
export interface DocumentState {
  /** Whether the document has been received; before that there is nothing to edit. */
  loaded: boolean
  /** How many of this page's edits are not safe on disk yet. */
  unsaved: number
}

/**
 * The page's copy of a document. It outlives connections and backends: edits made without a connection are
 * exchanged over the next one.
 */
export class SharedDocument {
  readonly doc = new Y.Doc()
  readonly text = this.doc.getText(TEXT)
  readonly awareness = new Awareness(this.doc)
  #state: DocumentState = { loaded: false, unsaved: 0 }
  #unsaved: Uint8Array[] = []
  readonly #listeners = new Set<() => void>()
  readonly #connect = yjs(this.doc, {
    awareness: this.awareness,
    messages: { [SAVED]: (decoder) => this.#forgetSaved(readVarUint8Array(decoder)) },
  })

  constructor() {
    this.awareness.setLocalStateField('user', randomPerson())
    keepColorDistinct(this.awareness)
    this.doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => {
      if (!local) return
      this.#unsaved.push(update)
      this.#update()
    })
  }

  get state(): DocumentState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Connects the document to its backend; the session calls it whenever a new connection is needed. */
  connect: Connect<YjsConnection> = async (context) => {
    const connection = await this.#connect(context)
    this.#update(true)
    return connection
  }

  destroy(): void {
    this.awareness.destroy()
    this.doc.destroy()
  }

  #forgetSaved(snapshot: Uint8Array): void {
    const saved = Y.decodeSnapshot(snapshot)
    this.#unsaved = this.#unsaved.filter((update) => !Y.snapshotContainsUpdate(saved, update))
    this.#update()
  }

  #update(loaded = this.#state.loaded): void {
    if (loaded === this.#state.loaded && this.#unsaved.length === this.#state.unsaved) return
    this.#state = { loaded, unsaved: this.#unsaved.length }
    for (const listener of this.#listeners) listener()
  }
}
