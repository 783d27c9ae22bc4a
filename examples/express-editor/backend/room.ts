import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type { WebSocket } from 'ws'
import * as awarenessProtocol from 'y-protocols/awareness'
import * as syncProtocol from 'y-protocols/sync'
import type * as Y from 'yjs'
import { MESSAGE } from '../shared/messages.ts'

/** A browser that has not read this many bytes is too slow to be waited for: it reconnects and catches up. */
const MAX_BUFFERED = 16 * 1024 * 1024
const PING_INTERVAL = 20_000

/** Everybody who has the document open: passes edits and cursors between their sockets. */
export class Room {
  readonly #sockets = new Map<WebSocket, Set<number>>()
  readonly #awareness: awarenessProtocol.Awareness
  #saved: Uint8Array | undefined

  constructor(private readonly doc: Y.Doc) {
    this.#awareness = new awarenessProtocol.Awareness(doc)
    this.#awareness.setLocalState(null)
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      this.#broadcast(
        message(MESSAGE.sync, (encoder) => syncProtocol.writeUpdate(encoder, update)),
        origin,
      )
    })
    this.#awareness.on('update', this.#onAwareness)
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Takes a socket in: tells it what the document holds and who is here, and follows it until it closes. */
  join(socket: WebSocket): void {
    this.#sockets.set(socket, new Set())
    const heartbeat = keepAlive(socket)
    socket.on('message', (data) => {
      if (data instanceof Buffer) this.#receive(socket, data)
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearInterval(heartbeat)
      const clients = this.#sockets.get(socket) ?? []
      this.#sockets.delete(socket)
      awarenessProtocol.removeAwarenessStates(this.#awareness, [...clients], null)
    })

    socket.send(message(MESSAGE.sync, (encoder) => syncProtocol.writeSyncStep1(encoder, this.doc)))
    socket.send(this.#awarenessOf([...this.#awareness.getStates().keys()]))
    if (this.#saved) socket.send(savedMessage(this.#saved))
  }

  /** Tells everybody what is safe on disk. */
  announceSaved(snapshot: Uint8Array): void {
    this.#saved = snapshot
    this.#broadcast(savedMessage(snapshot))
  }

  /** Closes every socket: `code` tells browsers why. */
  close(code: number, reason: string): void {
    for (const socket of this.#sockets.keys()) socket.close(code, reason)
    this.#awareness.destroy()
  }

  #receive(socket: WebSocket, data: Uint8Array): void {
    try {
      const decoder = decoding.createDecoder(data)
      const type = decoding.readVarUint(decoder)
      if (type === MESSAGE.sync) {
        const answer = message(MESSAGE.sync, (encoder) => {
          syncProtocol.readSyncMessage(decoder, encoder, this.doc, socket)
        })
        // One byte is the message's type alone: there was nothing to answer.
        if (answer.byteLength > 1) socket.send(answer)
      } else if (type === MESSAGE.awareness) {
        awarenessProtocol.applyAwarenessUpdate(this.#awareness, decoding.readVarUint8Array(decoder), socket)
      }
    } catch (error) {
      console.error('A browser sent a message that cannot be read.', error)
      socket.close(1007, 'unreadable message')
    }
  }

  #onAwareness = (
    { added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>,
    origin: unknown,
  ) => {
    for (const [socket, clients] of this.#sockets) {
      for (const client of removed) clients.delete(client)
      // Who comes back over a new socket does not leave with the old one, which may be found dead much later.
      for (const client of [...added, ...updated]) {
        if (socket === origin) clients.add(client)
        else clients.delete(client)
      }
    }
    this.#broadcast(this.#awarenessOf([...added, ...updated, ...removed]))
  }

  #awarenessOf(clients: number[]): Uint8Array {
    return message(MESSAGE.awareness, (encoder) => {
      encoding.writeVarUint8Array(encoder, awarenessProtocol.encodeAwarenessUpdate(this.#awareness, clients))
    })
  }

  #broadcast(data: Uint8Array, except?: unknown): void {
    for (const socket of this.#sockets.keys()) {
      if (socket === except || socket.readyState !== socket.OPEN) continue
      if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate()
      else socket.send(data)
    }
  }
}

function message(type: number, write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, type)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

function savedMessage(snapshot: Uint8Array): Uint8Array {
  return message(MESSAGE.saved, (encoder) => encoding.writeVarUint8Array(encoder, snapshot))
}

/** Ends a socket whose other end no longer answers pings. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let alive = true
  socket.on('pong', () => {
    alive = true
  })
  return setInterval(() => {
    if (!alive) return socket.terminate()
    alive = false
    socket.ping()
  }, PING_INTERVAL)
}
