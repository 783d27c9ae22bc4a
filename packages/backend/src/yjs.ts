import { createDecoder, type Decoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, type Encoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { messageYjsSyncStep1, readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import { applyUpdate, Doc, emptySnapshot, encodeSnapshot, encodeStateAsUpdate, snapshot } from 'yjs'
import type { BackendAssignment } from './assignment/assignment.ts'
import type { Person, Room } from './room/options.ts'
import type { RawBroadcast, RawSend } from './room/raw-language.ts'
import type { RawOptions } from './run-backend.ts'
import { AwarenessOwners } from './yjs/awareness-owners.ts'

/** The types of y-websocket's messages, and of the one that we add. PROTOCOL.md: "Yjs". */
const MESSAGE = { sync: 0, awareness: 1, queryAwareness: 3, saved: 100 } as const

/** A pasted picture, or all edits of a long time offline. In bytes. */
const MAX_PAYLOAD = 16 * 1024 * 1024

/** The room of a `Y.Doc`. */
export type YjsRoom<Data> = Room<Doc, Data, RawSend, RawBroadcast>

/** Options of {@link yjs}: those of `runBackend`, but for what the document decides. */
export interface YjsOptions<Data extends object, Message = unknown>
  extends Omit<RawOptions<Doc, Uint8Array, Data, Message>, 'protocol' | 'message' | 'open' | 'save'> {
  /** Gets the document with what was saved of it: the place for its first content. Changes are saved. */
  open?: ((doc: Doc, assignment: BackendAssignment) => void | Promise<void>) | undefined
  /** Whether somebody may change the document; edits of others are ignored. Default: everybody may. */
  mayEdit?: ((person: Person<Data, RawSend>) => boolean) | undefined
}

/**
 * Makes a backend of a `Y.Doc`, for `runBackend`. It speaks y-websocket's protocol, awareness included, and
 * tells pages what is saved. Its value is the document's history: an update of Yjs, as bytes.
 */
export function yjs<Data extends object, Message = unknown>(
  options: YjsOptions<Data, Message>,
): RawOptions<Doc, Uint8Array, Data, Message> & { save(doc: Doc): Uint8Array } {
  const { mayEdit = () => true, open, opened, connected, disconnected, saved, ...others } = options
  const doc = new Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalState(null)
  const owners = new AwarenessOwners<Person<Data, RawSend>>()
  let isChangedByOpen = false
  /** The snapshot of the save that is under way, and of the last one that is done. */
  let saving: Uint8Array | undefined
  /** Empty at first: pages are told on entering, so that they know that they will be. */
  let safe = encodeSnapshot(emptySnapshot)

  const awarenessOf = (clients: number[]) =>
    message(MESSAGE.awareness, (encoder) =>
      writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, clients)),
    )
  const everybody = () => awarenessOf([...awareness.getStates().keys()])
  const savedMessage = (edits: Uint8Array) =>
    message(MESSAGE.saved, (encoder) => writeVarUint8Array(encoder, edits))

  function receive(person: Person<Data, RawSend>, decoder: Decoder) {
    const type = readVarUint(decoder)
    if (type === MESSAGE.sync) receiveSync(person, decoder)
    else if (type === MESSAGE.awareness) {
      applyAwarenessUpdate(awareness, readVarUint8Array(decoder), person)
    } else if (type === MESSAGE.queryAwareness) person.send(everybody())
  }

  function receiveSync(person: Person<Data, RawSend>, decoder: Decoder) {
    const [kind = -1] = decoder.arr.subarray(decoder.pos, decoder.pos + 1)
    if (kind !== messageYjsSyncStep1 && !mayEdit(person)) return
    const answer = message(MESSAGE.sync, (encoder) =>
      // A failure is thrown: by default, it would only be logged.
      readSyncMessage(decoder, encoder, doc, person, (error) => {
        throw error
      }),
    )
    // One byte is the message's type alone: there was nothing to answer.
    if (answer.byteLength > 1) person.send(answer)
  }

  return {
    maxPayload: MAX_PAYLOAD,
    maxBuffered: MAX_PAYLOAD,
    ...others,
    async open(history, assignment) {
      if (history) {
        applyUpdate(doc, history)
        // Pages of an earlier backend may never have been told.
        safe = encodeSnapshot(snapshot(doc))
      }
      const onUpdate = () => {
        isChangedByOpen = true
      }
      doc.on('update', onUpdate)
      await open?.(doc, assignment)
      doc.off('update', onUpdate)
      return doc
    },
    opened(room) {
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        room.changed()
        const edit = message(MESSAGE.sync, (encoder) => writeUpdate(encoder, update))
        room.broadcast(edit, { except: isObject(origin) ? origin : undefined })
      })
      awareness.on('update', (changes: AwarenessChanges, origin: unknown) => {
        const person = [...room.people].find((each) => each === origin)
        owners.update(changes, person)
        // Cursors are soon out of date.
        room.broadcast(awarenessOf([...changes.added, ...changes.updated, ...changes.removed]), {
          volatile: true,
        })
      })
      if (isChangedByOpen) room.changed()
      opened?.(room)
    },
    save: () => {
      saving = encodeSnapshot(snapshot(doc))
      return encodeStateAsUpdate(doc)
    },
    saved(room) {
      safe = saving ?? safe
      room.broadcast(savedMessage(safe))
      saved?.(room)
    },
    connected(room, person) {
      person.send(message(MESSAGE.sync, (encoder) => writeSyncStep1(encoder, doc)))
      person.send(everybody())
      person.send(savedMessage(safe))
      connected?.(room, person)
    },
    disconnected(room, person) {
      removeAwarenessStates(awareness, owners.leave(person), null)
      disconnected?.(room, person)
    },
    message(room, person, frame) {
      if (typeof frame === 'string') return room.close(person, 1003, 'Messages are binary.')
      try {
        receive(person, createDecoder(frame))
      } catch {
        room.close(person, 1007, "This is not a message of y-websocket's protocol.")
      }
      if (!owners.isModest(person)) room.close(person, 1007, 'Too many awareness clients.')
    },
  }
}

function message(type: number, write: (encoder: Encoder) => unknown): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, type)
  write(encoder)
  return toUint8Array(encoder)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

type AwarenessChanges = Record<'added' | 'updated' | 'removed', number[]>
