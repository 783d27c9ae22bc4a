import { createEncoder, type Encoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { type Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'

/** The types of y-websocket's messages, and of the one that we add. PROTOCOL.md: "Yjs". */
export const MESSAGE = { sync: 0, awareness: 1, queryAwareness: 3, saved: 100 } as const

/** Writes a message. */
export function encodeFrame(type: number, write: (encoder: Encoder) => unknown): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, type)
  write(encoder)
  return toUint8Array(encoder)
}

/** Tells the states of some clients; by default of all. */
export function encodeAwareness(
  awareness: Awareness,
  clients: number[] = [...awareness.getStates().keys()],
): Uint8Array {
  return encodeFrame(MESSAGE.awareness, (encoder) =>
    writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, clients)),
  )
}

/** Tells which edits are on the disk: a snapshot of Yjs. */
export function encodeSavedFrame(edits: Uint8Array): Uint8Array {
  return encodeFrame(MESSAGE.saved, (encoder) => writeVarUint8Array(encoder, edits))
}
