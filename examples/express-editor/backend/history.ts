import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'
import { TEXT } from '../shared/text.ts'

/** What is stored of a document: its history when the file was last read or written, then what came since. */
export interface History {
  /** Of the backend that wrote it. A storage may only know who claimed the document last. */
  token: number
  /** Belongs to the text that the save is about to replace. */
  before: Uint8Array
  /** Belongs to the text that the save is about to write. */
  whole: Uint8Array
}

export function encodeHistory({ token, before, whole }: History): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, token)
  writeVarUint8Array(encoder, before)
  writeVarUint8Array(encoder, Y.diffUpdate(whole, Y.encodeStateVectorFromUpdate(before)))
  return toUint8Array(encoder)
}

export function decodeHistory(value: Uint8Array): History {
  const decoder = createDecoder(value)
  const token = readVarUint(decoder)
  const before = readVarUint8Array(decoder)
  return { token, before, whole: Y.mergeUpdates([before, readVarUint8Array(decoder)]) }
}

/** The text at the end of a history. */
export function textOf(history: Uint8Array): string {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, history)
  const text = doc.getText(TEXT).toString()
  doc.destroy()
  return text
}
