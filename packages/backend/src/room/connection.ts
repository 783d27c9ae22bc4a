import type { RawData, WebSocket } from 'ws'
import type { RateLimit } from './rate-limit.ts'
import type { RoomStats } from './stats.ts'

/** What goes over a socket: a text, or bytes. */
export type Frame = string | Uint8Array

/** Bounds of a {@link Connection}. */
export interface ConnectionLimits {
  /** What is waiting to be read by the other side before it is cut, in bytes. */
  maxBuffered: number
  rate: RateLimit
}

/** One page's socket: bounded in what it may send, and in what it may leave unread. */
export class Connection {
  #alive = true

  constructor(
    private readonly socket: WebSocket,
    private readonly limits: ConnectionLimits,
    private readonly stats: RoomStats,
  ) {
    socket.on('pong', () => {
      this.#alive = true
    })
  }

  /** Passes on what arrives, until the socket is closed or closing. Too fast a sender is cut. */
  onFrame(receive: (frame: Frame) => void): void {
    this.socket.on('message', (data, isBinary) => {
      if (!this.isOpen) return
      this.#alive = true
      this.stats.received += 1
      if (this.limits.rate.take()) receive(isBinary ? toBytes(data) : String(data))
      else this.refuse(4429, 'Too many messages.')
    })
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  /** Lets the page send this many messages more before it is too fast. */
  allow(messages: number): void {
    this.limits.rate.allow(messages)
  }

  /**
   * Sends a text as such if `isText`, also when it comes as bytes. One that is volatile is left out where much is waiting to be read.
   * Returns whether it is on its way.
   */
  send(frame: Frame, { isVolatile = false, isText = typeof frame === 'string' } = {}): boolean {
    if (!this.isOpen) return false
    const { bufferedAmount } = this.socket
    if (isVolatile && bufferedAmount > this.limits.maxBuffered / 4) {
      this.stats.dropped += 1
      return false
    }
    if (bufferedAmount > this.limits.maxBuffered) {
      // A close frame would wait behind all that isn't read.
      this.stats.cut += 1
      this.socket.terminate()
      return false
    }
    this.stats.sent += 1
    this.socket.send(frame, { binary: !isText })
    return true
  }

  /** Closes the connection because of what the page sent. */
  refuse(code: number, reason: string): void {
    this.stats.invalid += 1
    this.close(code, reason)
  }

  close(code: number, reason = ''): void {
    // A longer one would be an error.
    this.socket.close(
      code,
      Buffer.from(reason)
        .subarray(0, 123)
        .toString('utf8')
        .replace(/\uFFFD$/, ''),
    )
  }

  /** Ends a socket whose other end said nothing since the last time, not even that it is there. */
  ping(): void {
    if (this.#alive) {
      this.#alive = false
      if (this.isOpen) this.socket.ping()
    } else {
      this.stats.cut += 1
      this.socket.terminate()
    }
  }
}

function toBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return Array.isArray(data) ? Buffer.concat(data) : data
}
