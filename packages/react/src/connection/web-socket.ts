import type { Clock } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { Connect } from './connect.ts'
import { Deliveries } from './deliveries.ts'
import { isOffline } from './presence.ts'

/** A message that {@link WebSocketConnection.send} accepts. */
export type Message = Parameters<WebSocket['send']>[0]

/** What {@link webSocket} needs of a socket: a browser's has it, and that of the `ws` package. */
export interface SocketLike {
  readonly readyState: number
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(message: Message): void
  close(): void
}

/** Options of {@link webSocket}. */
export interface WebSocketOptions {
  /** The subprotocols that the socket offers. */
  protocols?: string | string[] | undefined
  /** The type of binary messages that arrive. Default `arraybuffer`. */
  binaryType?: BinaryType | undefined
  /** How many messages to keep while there is no open socket; 0 refuses them. Default 256. */
  maxQueued?: number | undefined
  /** Detects dead connections. The backend must answer `message`, with anything. */
  ping?:
    | {
        /**
         * Sent when nothing has arrived for `interval` ms, and when the page was hidden, asleep or offline.
         */
        message: Message | (() => Message)
        /** In ms. */
        interval: number
        /** The connection counts as lost if nothing arrives within `timeout` ms of the ping. */
        timeout: number
      }
    | undefined
  /** The class to create sockets with. Default: the global one. */
  WebSocket?: (new (url: string, protocols?: string | string[]) => SocketLike) | undefined
  /** Default: the system clock. */
  clock?: Clock | undefined
}

const MAX_QUEUED = 256
/** How long a connection without a ping may stay silent after it came into doubt, in ms. */
const DOUBT_LIMIT = 4000

/** Called with each message that arrives. */
export type MessageListener = (message: string | ArrayBuffer | Blob) => void

/**
 * The connection to a document. It stays the same object when its socket or its backend is replaced, and
 * keeps its listeners and its queue.
 */
export class WebSocketConnection extends Deliveries<MessageListener, Parameters<MessageListener>[0]> {
  #socket: SocketLike | undefined
  /** Checks whether the socket is alive. */
  #probe = () => {}
  /** Whether the socket may be dead. Messages then wait until something arrives. */
  #inDoubt = false
  /** Whether the socket works although the browser says that it is offline. */
  #worksOffline = false
  readonly #outgoing: Message[] = []

  /** @param maxQueued How many messages to keep while there is no open socket. */
  constructor(private readonly maxQueued: number) {
    super((listener, message) => listener(message))
  }

  /**
   * Sends a message. While there is no open socket, or the socket may be dead (the browser reports that it is
   * offline, or a ping is unanswered), messages are queued. They are sent in order once a socket works.
   *
   * @returns Whether the message was sent or queued; `false` if the queue is full. A message that was sent
   * shortly before a socket broke may not have arrived. If no message may be lost, use `messages` of
   * `@session-backend/react/messages`.
   */
  send(message: Message): boolean {
    if (!isOffline()) this.#worksOffline = false
    else if (!this.#worksOffline && !this.#inDoubt) this.#probe()
    if (!this.#inDoubt && this.#socket?.readyState === 1) {
      this.#socket.send(message)
      return true
    }
    return this.#outgoing.length < this.maxQueued && this.#outgoing.push(copyOf(message)) > 0
  }

  /**
   * Continues with an open socket, and sends the queue. `probe` checks whether the socket is alive.
   *
   * @internal
   */
  attach(socket: SocketLike, probe: () => void): void {
    this.#socket = socket
    this.#probe = probe
    this.trust()
  }

  /** Queues messages until something arrives. @internal */
  doubt(): void {
    this.#inDoubt = true
  }

  /** The socket works: sends the queue. @internal */
  trust(): void {
    this.#worksOffline = isOffline()
    this.#inDoubt = false
    for (const message of this.#outgoing.splice(0)) this.send(message)
  }
}

/** The app may change a buffer that it has sent. */
function copyOf(message: Message): Message {
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice()
  }
  return message.slice(0)
}

/** Connects by WebSocket. This is the default `connect` of `useSessionBackend`. */
export function webSocket(options: WebSocketOptions = {}): Connect<WebSocketConnection, MessageListener> {
  const { binaryType = 'arraybuffer', maxQueued = MAX_QUEUED, ping, clock = systemClock } = options

  return ({ url, signal, onLost, onProbe, listeners, previous }) =>
    new Promise((resolve) => {
      if (signal.aborted) throw signal.reason
      const connection =
        previous instanceof WebSocketConnection ? previous : new WebSocketConnection(maxQueued)
      connection.deliverTo(listeners)
      const Socket = options.WebSocket ?? WebSocket
      const socket: SocketLike = new Socket(url.replace(/^http/, 'ws'), options.protocols)
      let stopTimer = () => {}
      const restartTimer = () => {
        stopTimer()
        if (ping) stopTimer = clock.after(ping.interval, probe)
      }
      const probe = () => {
        if (socket.readyState !== 1) return
        stopTimer()
        connection.doubt()
        if (ping) socket.send(typeof ping.message === 'function' ? ping.message() : ping.message)
        stopTimer = clock.after(ping?.timeout ?? DOUBT_LIMIT, onLost)
      }
      if (ping) onProbe(probe)
      socket.binaryType = binaryType
      socket.onopen = () => {
        connection.attach(socket, probe)
        restartTimer()
        resolve(connection)
      }
      socket.onmessage = ({ data }: { data: Parameters<MessageListener>[0] }) => {
        restartTimer()
        connection.trust()
        connection.receive(data)
      }
      socket.onclose = onLost
      // Chromium sends no close event after a Content Security Policy has blocked a socket.
      socket.onerror = () => onLost()
      signal.addEventListener('abort', () => {
        stopTimer()
        socket.onopen = socket.onmessage = socket.onclose = null
        // In Node, an error that nobody listens to would end the process.
        socket.onerror = () => {}
        socket.close()
      })
    })
}
