import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding'
import {
  createEncoder,
  length,
  toUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import { Doc, encodeSnapshot, snapshot } from 'yjs'

/** A backend that speaks y-websocket's protocol, as y-websocket's own server does. */
export async function startYjsServer() {
  const doc = new Doc()
  const awareness = new Awareness(doc)
  awareness.setLocalState(null)
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const clients = new Map<WebSocket, Set<number>>()
  const message = (type: number, write: (encoder: ReturnType<typeof createEncoder>) => void) => {
    const encoder = createEncoder()
    writeVarUint(encoder, type)
    write(encoder)
    return encoder
  }
  const broadcast = (data: Uint8Array) => {
    for (const socket of clients.keys()) socket.send(data)
  }

  doc.on('update', (update: Uint8Array) => {
    broadcast(toUint8Array(message(0, (encoder) => writeUpdate(encoder, update))))
  })
  awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>, origin: unknown) => {
    for (const [socket, ids] of clients) {
      if (socket === origin) for (const id of changes.added) ids.add(id)
    }
    const changed = [...changes.added, ...changes.updated, ...changes.removed]
    const update = encodeAwarenessUpdate(awareness, changed)
    broadcast(toUint8Array(message(1, (encoder) => writeVarUint8Array(encoder, update))))
  })
  server.on('connection', (socket) => {
    clients.set(socket, new Set())
    socket.on('message', (data: Buffer) => {
      const decoder = createDecoder(data)
      const type = readVarUint(decoder)
      if (type === 0) {
        const answer = message(0, (encoder) => void readSyncMessage(decoder, encoder, doc, socket))
        if (length(answer) > 1) socket.send(toUint8Array(answer))
      } else if (type === 1) applyAwarenessUpdate(awareness, readVarUint8Array(decoder), socket)
      else socket.send(toUint8Array(message(type, (encoder) => writeVarString(encoder, 'yes'))))
    })
    socket.on('close', () => {
      const gone = [...(clients.get(socket) ?? [])]
      clients.delete(socket)
      removeAwarenessStates(awareness, gone, null)
    })
    socket.send(toUint8Array(message(0, (encoder) => writeSyncStep1(encoder, doc))))
    const everybody = encodeAwarenessUpdate(awareness, [...awareness.getStates().keys()])
    socket.send(toUint8Array(message(1, (encoder) => writeVarUint8Array(encoder, everybody))))
  })
  await once(server, 'listening')
  onTestFinished(() => {
    awareness.destroy()
    for (const socket of clients.keys()) socket.terminate()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}/`, doc, awareness, clients },
    /** Says that a copy of the document is on the disk. PROTOCOL.md: "Yjs". */
    tellSaved(saved: Doc) {
      broadcast(
        toUint8Array(message(100, (encoder) => writeVarUint8Array(encoder, encodeSnapshot(snapshot(saved))))),
      )
    },
  }
}
