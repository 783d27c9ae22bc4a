import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as syncProtocol from 'y-protocols/sync'
import * as Y from 'yjs'
import { MESSAGE, TEXT } from '../shared/messages.ts'

/** What a page shows of a {@link SharedDocument}. */
export interface DocumentState {
  /** Whether the document has been received; before that there is nothing to edit. */
  loaded: boolean
  /** How many of this page's edits are not safe on disk yet. */
  unsaved: number
}

/** How a {@link SharedDocument} sends bytes to its backend. */
export type Send = (message: Uint8Array) => void

/**
 * The page's copy of a document. It outlives connections and backends: edits made while there is none are
 * exchanged when the next one is attached.
 */
export class SharedDocument {
  readonly doc = new Y.Doc()
  readonly text = this.doc.getText(TEXT)
  readonly awareness = new awarenessProtocol.Awareness(this.doc)
  #state: DocumentState = { loaded: false, unsaved: 0 }
  #unsaved: Uint8Array[] = []
  #send: Send | undefined
  #listeners = new Set<() => void>()

  constructor() {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return
      this.#unsaved.push(update)
      this.#update()
      this.#sendMessage(MESSAGE.sync, (encoder) => syncProtocol.writeUpdate(encoder, update))
    })
    this.awareness.on(
      'update',
      (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
        if (origin !== this) this.#sendAwareness([...changes.added, ...changes.updated, ...changes.removed])
      },
    )
  }

  /** Exchanges everything with the backend behind `send`, until the function it returns is called. */
  attach(send: Send): () => void {
    this.#send = send
    this.#sendMessage(MESSAGE.sync, (encoder) => syncProtocol.writeSyncStep1(encoder, this.doc))
    // Setting it anew raises its clock: the backend may remember that we left.
    this.awareness.setLocalState(this.awareness.getLocalState())
    return () => {
      if (this.#send !== send) return
      this.#send = undefined
      const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID)
      awarenessProtocol.removeAwarenessStates(this.awareness, others, this)
    }
  }

  /** Takes in a message of the backend. */
  receive(message: Uint8Array): void {
    const decoder = decoding.createDecoder(message)
    const type = decoding.readVarUint(decoder)
    if (type === MESSAGE.sync) this.#receiveSync(decoder)
    else if (type === MESSAGE.awareness) {
      awarenessProtocol.applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this)
    } else if (type === MESSAGE.saved) {
      const saved = Y.decodeSnapshot(decoding.readVarUint8Array(decoder))
      this.#unsaved = this.#unsaved.filter((update) => !Y.snapshotContainsUpdate(saved, update))
      this.#update()
    }
  }

  get state(): DocumentState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  destroy(): void {
    this.awareness.destroy()
    this.doc.destroy()
  }

  #receiveSync(decoder: decoding.Decoder): void {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, MESSAGE.sync)
    const kind = syncProtocol.readSyncMessage(decoder, encoder, this.doc, this)
    // One byte is the message's type alone: there was nothing to answer.
    if (encoding.length(encoder) > 1) this.#send?.(encoding.toUint8Array(encoder))
    if (kind === syncProtocol.messageYjsSyncStep2) this.#update(true)
  }

  #sendAwareness(clients: number[]): void {
    this.#sendMessage(MESSAGE.awareness, (encoder) => {
      encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(this.awareness, clients))
    })
  }

  #sendMessage(type: number, write: (encoder: encoding.Encoder) => void): void {
    if (!this.#send) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, type)
    write(encoder)
    this.#send(encoding.toUint8Array(encoder))
  }

  #update(loaded = this.#state.loaded): void {
    if (loaded === this.#state.loaded && this.#unsaved.length === this.#state.unsaved) return
    this.#state = { loaded, unsaved: this.#unsaved.length }
    for (const listener of this.#listeners) listener()
  }
}
