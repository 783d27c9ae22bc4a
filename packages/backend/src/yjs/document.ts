import { createDecoder, type Decoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { Awareness, applyAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
import { messageYjsSyncStep1, readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import { applyUpdate, Doc, emptySnapshot, encodeSnapshot, encodeStateAsUpdate, snapshot } from 'yjs'
import type { Frame } from '../room/connection.ts'
import type { Person, Room } from '../room/options.ts'
import type { RawBroadcast, RawSend } from '../room/raw-language.ts'
import { AwarenessOwners } from './awareness-owners.ts'
import { encodeAwareness, encodeFrame, encodeSavedFrame, MESSAGE } from './frames.ts'

/** The room of a `Y.Doc`. */
export type YjsRoom<Data> = Room<Doc, Data, RawSend, RawBroadcast>

/** A `Y.Doc` with its awareness, as a room talks about them with its pages: by y-websocket's protocol. */
export class YjsDocument<Data> {
  readonly doc = new Doc()
  readonly #awareness = new Awareness(this.doc)
  readonly #owners = new AwarenessOwners<Person<Data, RawSend>>()
  #isChangedByOpen = false
  /** The snapshot of the save that is under way, and of the last one that is done. */
  #saving: Uint8Array | undefined
  /** Empty at first: pages are told on entering, so that they know that they will be. */
  #safe = encodeSnapshot(emptySnapshot)

  constructor(private readonly mayEdit: (person: Person<Data, RawSend>) => boolean) {
    this.#awareness.setLocalState(null)
  }

  /** Takes in what was saved, then what `fill` adds. */
  async open(history: Uint8Array | undefined, fill: () => void | Promise<void>): Promise<void> {
    if (history) {
      applyUpdate(this.doc, history)
      // Pages of an earlier backend may never have been told.
      this.#safe = encodeSnapshot(snapshot(this.doc))
    }
    const onUpdate = () => {
      this.#isChangedByOpen = true
    }
    this.doc.on('update', onUpdate)
    await fill()
    this.doc.off('update', onUpdate)
  }

  /** Passes on to everybody what changes. */
  passOn(room: YjsRoom<Data>): void {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      room.changed()
      const edit = encodeFrame(MESSAGE.sync, (encoder) => writeUpdate(encoder, update))
      room.broadcast(edit, { except: isObject(origin) ? origin : undefined })
    })
    this.#awareness.on('update', (changes: AwarenessChanges, origin: unknown) => {
      const person = [...room.people].find((each) => each === origin)
      this.#owners.update(changes, person)
      const clients = [...changes.added, ...changes.updated, ...changes.removed]
      // Cursors are soon out of date.
      room.broadcast(encodeAwareness(this.#awareness, clients), { volatile: true })
    })
    if (this.#isChangedByOpen) room.changed()
  }

  /** What is to be saved. */
  save(): Uint8Array {
    this.#saving = encodeSnapshot(snapshot(this.doc))
    return encodeStateAsUpdate(this.doc)
  }

  /** What `save` returned last is on the disk. Returns the frame that tells pages so. */
  saved(): Uint8Array {
    this.#safe = this.#saving ?? this.#safe
    return encodeSavedFrame(this.#safe)
  }

  /** What somebody is told who comes in. */
  greeting(): Uint8Array[] {
    const step1 = encodeFrame(MESSAGE.sync, (encoder) => writeSyncStep1(encoder, this.doc))
    return [step1, encodeAwareness(this.#awareness), encodeSavedFrame(this.#safe)]
  }

  left(person: Person<Data, RawSend>): void {
    removeAwarenessStates(this.#awareness, this.#owners.leave(person), null)
  }

  receive(room: YjsRoom<Data>, person: Person<Data, RawSend>, frame: Frame) {
    if (typeof frame === 'string') return room.close(person, 1003, 'Messages are binary.')
    try {
      this.#read(person, createDecoder(frame))
    } catch {
      room.close(person, 1007, "This is not a message of y-websocket's protocol.")
    }
    if (!this.#owners.isModest(person)) room.close(person, 1007, 'Too many awareness clients.')
  }

  #read(person: Person<Data, RawSend>, decoder: Decoder): void {
    const type = readVarUint(decoder)
    if (type === MESSAGE.sync) this.#readSync(person, decoder)
    else if (type === MESSAGE.awareness) {
      applyAwarenessUpdate(this.#awareness, readVarUint8Array(decoder), person)
    } else if (type === MESSAGE.queryAwareness) person.send(encodeAwareness(this.#awareness))
  }

  #readSync(person: Person<Data, RawSend>, decoder: Decoder): void {
    const [kind = -1] = decoder.arr.subarray(decoder.pos, decoder.pos + 1)
    if (kind !== messageYjsSyncStep1 && !this.mayEdit(person)) return
    const answer = encodeFrame(MESSAGE.sync, (encoder) =>
      // A failure is thrown: by default, it would only be logged.
      readSyncMessage(decoder, encoder, this.doc, person, (error) => {
        throw error
      }),
    )
    // One byte is the message's type alone: there was nothing to answer.
    if (answer.byteLength > 1) person.send(answer)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

type AwarenessChanges = Record<'added' | 'updated' | 'removed', number[]>
