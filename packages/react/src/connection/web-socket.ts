import { type Clock, systemClock } from '@session-backend/core'
import type { ConnectContext } from './connect.ts'

/** What goes over a {@link WebSocketConnection}, in either direction. */
export type Message = Parameters<WebSocket['send']>[0]

/** Options of {@link webSocket}. */
export interface WebSocketOptions {
  /** The subprotocols that the socket offers. */
  protocols?: string | string[] | undefined
  /** What binary messages arrive as. Default `arraybuffer`. */
  binaryType?: BinaryType | undefined
  /** How many messages to keep while there is no open socket; 0 refuses them. Default 256. */
  maxQueued?: number | undefined
  /** Finds out about a dead network by itself. The backend has to answer `message`, with anything. */
  ping?:
    | {
        /** Sent when nothing has arrived for `interval` ms. */
        message: Message
        /** In ms. */
        interval: number
        /** The connection is lost when nothing has arrived `timeout` ms later. */
        timeout: number
      }
    | undefined
  /** Default: the global one. */
  WebSocket?: typeof globalThis.WebSocket | undefined
  /** Default: the time of the machine. */
  clock?: Clock | undefined
}

const MAX_QUEUED = 256

/** Told of each message that arrives. */
export type MessageListener = (message: string | ArrayBuffer | Blob) => void

/**
 * The connection to a document's backend, whichever socket and backend serve it at the moment: the object
 * stays the same when a socket is lost and replaced, and so do its listeners and its queue.
 */
export class WebSocketConnection {
  #socket: WebSocket | undefined
  #outgoing: Message[] = []
  #unheard: Parameters<MessageListener>[0][] = []
  readonly #listeners = new Set<MessageListener>()

  /** @param maxQueued How many messages to keep while there is no open socket. */
  constructor(private readonly maxQueued: number) {}

  /**
   * Sends a message. While there is no open socket, messages are queued and sent, in order, over the next one.
   *
   * @returns Whether it was sent or queued: `false` when the queue is full, or there is none. What was sent
   * when the socket broke may not have arrived; a backend that must not miss anything acknowledges it.
   */
  send(message: Message): boolean {
    if (this.#socket?.readyState === 1) this.#socket.send(message)
    else return this.#outgoing.length < this.maxQueued && this.#outgoing.push(message) > 0
    return true
  }

  /** Calls `listener` for each message, until the returned function is called. The first listener gets what arrived before it, up to 256 messages. */
  subscribe(listener: MessageListener): () => void {
    // A wrapper, so that one function can listen twice.
    const entry: MessageListener = (message) => listener(message)
    this.#listeners.add(entry)
    for (const message of this.#unheard.splice(0)) this.receive(message)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  /** Goes on with a socket that is open: sends what is queued. */
  attach(socket: WebSocket): void {
    this.#socket = socket
    for (const message of this.#outgoing.splice(0)) this.send(message)
  }

  /** Passes a message on to all listeners; a listener that throws doesn't keep it from the others. */
  receive(message: Parameters<MessageListener>[0]): void {
    if (this.#listeners.size === 0 && this.#unheard.length < MAX_QUEUED) this.#unheard.push(message)
    // A copy: one that leaves and comes back meanwhile is not told again.
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue
      try {
        listener(message)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** Connects by WebSocket: the default of `useSessionBackend`'s `connect`, and where to set its options. */
export function webSocket(
  options: WebSocketOptions = {},
): (context: ConnectContext<unknown>) => Promise<WebSocketConnection> {
  const { binaryType = 'arraybuffer', maxQueued = MAX_QUEUED, ping, clock = systemClock } = options

  return ({ url, signal, onLost, previous }) =>
    new Promise((resolve) => {
      const connection =
        previous instanceof WebSocketConnection ? previous : new WebSocketConnection(maxQueued)
      const Socket = options.WebSocket ?? WebSocket
      const socket = new Socket(url.replace(/^http/, 'ws'), options.protocols)
      let stopWatch = () => {}
      const watch = () => {
        stopWatch()
        if (!ping) return
        stopWatch = clock.after(ping.interval, () => {
          connection.send(ping.message)
          stopWatch = clock.after(ping.timeout, onLost)
        })
      }
      socket.binaryType = binaryType
      socket.onopen = () => {
        connection.attach(socket)
        watch()
        resolve(connection)
      }
      socket.onmessage = ({ data }) => {
        watch()
        connection.receive(data)
      }
      socket.onclose = onLost
      // A close event follows. In Node, an error that nobody listens to would end the process.
      socket.onerror = () => {}
      signal.addEventListener('abort', () => {
        stopWatch()
        socket.onopen = socket.onmessage = socket.onclose = null
        socket.close()
      })
    })
}
