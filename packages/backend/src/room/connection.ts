import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { RateLimit } from './rate-limit.ts'
import type { RoomStats } from './stats.ts'
import type { WriteBatch } from './write-batch.ts'

/** A frame of a WebSocket: a text, or bytes. */
export type Frame = string | Uint8Array

/** What a {@link Connection} works with. */
export interface ConnectionParts {
  socket: WebSocket
  /** What the socket writes to. */
  stream: Duplex
  /** Of the room. */
  batch: WriteBatch
  stats: RoomStats
  /** What is waiting to be read by the other side before it is cut, in bytes. */
  maxBuffered: number
  rate: RateLimit
}

/** One page's socket: bounded in what it may send, and in what it may leave unread. */
export class Connection {
  #alive = true

  constructor(private readonly parts: ConnectionParts) {
    parts.socket.on('pong', () => {
      this.#alive = true
    })
  }

  /** Passes on what arrives, until the socket is closed or closing. Too fast a sender is cut. */
  onFrame(receive: (frame: Frame) => void): void {
    const { socket, stats, rate } = this.parts
    socket.on('message', (data, isBinary) => {
      if (!this.isOpen) return
      this.#alive = true
      stats.received += 1
      if (rate.take()) receive(isBinary ? toBytes(data) : String(data))
      else this.refuse(4429, 'Too many messages.')
    })
  }

  get isOpen(): boolean {
    const { socket } = this.parts
    return socket.readyState === socket.OPEN
  }

  /** Allows the page this many more messages. */
  allow(messages: number): void {
    this.parts.rate.allow(messages)
  }

  /**
   * Sends a text as such if `isText`, also when it comes as bytes. One that is volatile is left out where
   * much is waiting to be read. Returns whether it is on its way.
   */
  send(frame: Frame, { isVolatile = false, isText = typeof frame === 'string' } = {}): boolean {
    if (!this.isOpen) return false
    const { socket, stream, batch, stats, maxBuffered } = this.parts
    const { bufferedAmount } = socket
    if (isVolatile && bufferedAmount > maxBuffered / 4) {
      stats.dropped += 1
      return false
    }
    if (bufferedAmount > maxBuffered) {
      // A close frame would wait behind the data that isn't read.
      stats.cut += 1
      socket.terminate()
      return false
    }
    stats.sent += 1
    batch.hold(stream)
    socket.send(frame, { binary: !isText })
    batch.written(stream)
    return true
  }

  /** Closes the connection because of what the page sent. */
  refuse(code: number, reason: string): void {
    this.parts.stats.invalid += 1
    this.close(code, reason)
  }

  close(code: number, reason = ''): void {
    // A longer one would be an error.
    this.parts.socket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 123)
        .toString('utf8')
        .replace(/\uFFFD$/, ''),
    )
  }

  /** Pings the page. Cuts its connection if it hasn't answered the last ping. */
  ping(): void {
    const { socket, stats } = this.parts
    if (this.#alive) {
      this.#alive = false
      if (this.isOpen) socket.ping()
    } else {
      stats.cut += 1
      socket.terminate()
    }
  }
}

function toBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return Array.isArray(data) ? Buffer.concat(data) : data
}
