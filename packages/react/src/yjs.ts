import { systemClock } from '@session-backend/core/internal'
import { createDecoder, type Decoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  type Encoder,
  length,
  toUint8Array,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { messageYjsSyncStep2, readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import type { Doc } from 'yjs'
import type { Connect } from './connection/connect.ts'
import { createUnsavedReport, type UnsavedOptions } from './connection/unsaved-report.ts'
import { type WebSocketOptions, webSocket } from './connection/web-socket.ts'
import { unsavedEditsOf } from './yjs/unsaved-edits.ts'

/** The types of y-websocket's messages, and of ours. PROTOCOL.md: "Yjs". */
const SYNC = 0
const AWARENESS = 1
const QUERY_AWARENESS = 3
const SAVED = 100

/** Each backend answers a sync step: after this silence, in ms, it is asked for updates … */
const PING_INTERVAL = 5000
/** … and has this time to answer, in ms. */
const PING_TIMEOUT = 4000

/** Options of {@link yjs}. */
export interface YjsOptions extends Omit<WebSocketOptions, 'binaryType' | 'maxQueued'>, UnsavedOptions {
  /** The awareness of the document. Other people's states are removed while there is no connection. */
  awareness?: Awareness | undefined
  /**
   * Reads your own messages, by their type. Types below 4 belong to y-websocket, and 100 reports what is
   * saved.
   */
  messages?: Readonly<Record<number, (decoder: Decoder) => void>> | undefined
}

/** The connection of a `Y.Doc` to its backend. */
export interface YjsConnection {
  readonly doc: Doc
  readonly awareness: Awareness | undefined
  /** Sends your own message, whose content `write` writes. Returns whether there was a connection. */
  send(type: number, write?: (encoder: Encoder) => void): boolean
}

/**
 * Connects a `Y.Doc` to a backend that speaks y-websocket's protocol, including awareness. The session is
 * `connected` once the document has been received. Edits that are made while there is no connection are
 * exchanged over the next one. Call `yjs` once for each document, and keep the returned function.
 */
export function yjs(doc: Doc, options: YjsOptions = {}): Connect<YjsConnection> {
  const { awareness, messages = {}, warnBeforeUnload, ...socketOptions } = options
  const { clock = systemClock } = options
  const askForUpdates = () => frameOf(SYNC, (encoder) => writeSyncStep1(encoder, doc))
  const unsaved = unsavedEditsOf(doc)
  let session: AbortSignal | undefined
  // Nothing is queued, because a reconnect exchanges all missing edits.
  const connect = webSocket({
    ping: { message: askForUpdates, interval: PING_INTERVAL, timeout: PING_TIMEOUT },
    ...socketOptions,
    maxQueued: 0,
  })

  return async (context) => {
    const socket = await connect({ ...context, listeners: () => [], previous: undefined })
    const send = (type: number, write?: (encoder: Encoder) => void) => socket.send(frameOf(type, write))
    const sendAwareness = (clients: number[]) => {
      if (!awareness) return
      send(AWARENESS, (encoder) => writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, clients)))
    }
    const connection: YjsConnection = { doc, awareness, send }

    const onUpdate = (update: Uint8Array, origin: unknown) => {
      if (origin !== connection) send(SYNC, (encoder) => writeUpdate(encoder, update))
    }
    const onAwareness = (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
      if (origin !== connection) sendAwareness([...changes.added, ...changes.updated, ...changes.removed])
    }

    return new Promise<YjsConnection>((resolve) => {
      function receive(message: unknown) {
        if (!(message instanceof ArrayBuffer)) return
        const decoder = createDecoder(new Uint8Array(message))
        const type = readVarUint(decoder)
        if (type === SYNC) {
          const answer = createEncoder()
          writeVarUint(answer, SYNC)
          const kind = readSyncMessage(decoder, answer, doc, connection)
          // One byte is the message's type alone: there was nothing to answer.
          if (length(answer) > 1) socket.send(toUint8Array(answer))
          if (kind === messageYjsSyncStep2) resolve(connection)
        } else if (type === AWARENESS) {
          if (awareness) applyAwarenessUpdate(awareness, readVarUint8Array(decoder), connection)
        } else if (type === QUERY_AWARENESS) sendAwareness([...(awareness?.getStates().keys() ?? [])])
        else if (messages[type]) messages[type](decoder)
        else if (type === SAVED) unsaved.saved(readVarUint8Array(decoder))
      }

      if (session !== context.closed) {
        session = context.closed
        unsaved.tellTo(createUnsavedReport(context, clock, { warnBeforeUnload }))
      }
      const unsubscribe = socket.subscribe(receive)
      doc.on('update', onUpdate)
      awareness?.on('update', onAwareness)
      context.signal.addEventListener('abort', () => {
        unsubscribe()
        doc.off('update', onUpdate)
        awareness?.off('update', onAwareness)
        if (!awareness) return
        const others = [...awareness.getStates().keys()].filter((client) => client !== awareness.clientID)
        removeAwarenessStates(awareness, others, connection)
        // If their clocks were kept, it would ignore their states until they change.
        for (const client of others) awareness.meta.delete(client)
      })
      socket.send(askForUpdates())
      // Setting the state again raises its clock, because the backend may remember that this page left.
      awareness?.setLocalState(awareness.getLocalState())
    })
  }
}

function frameOf(type: number, write: (encoder: Encoder) => void = () => {}): Uint8Array<ArrayBuffer> {
  const encoder = createEncoder()
  writeVarUint(encoder, type)
  write(encoder)
  return new Uint8Array(toUint8Array(encoder))
}
