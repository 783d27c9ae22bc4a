import { SessionBackendError } from '@session-backend/core/internal'
import { Manager, type ManagerOptions, Socket, type SocketOptions } from 'socket.io-client'
import type { Connect } from './connection/connect.ts'

/** The events of one direction, as socket.io types them: by name, the function that takes what is sent. */
// biome-ignore lint/suspicious/noExplicitAny: an interface only fits an index signature of `any`
type EventsMap = Record<string, any>

/** The options that the session sets: where and when to connect. */
type Decided =
  | 'host'
  | 'hostname'
  | 'port'
  | 'secure'
  | 'autoConnect'
  | 'forceNew'
  | 'multiplex'
  | `reconnection${string}`

/** Options of {@link socketIo}: those of socket.io-client, except for those that the session sets. */
export interface SocketIoOptions extends Omit<Partial<ManagerOptions & SocketOptions>, Decided> {
  /** The path below the backend's URL. Default `socket.io`. */
  path?: string
  /** Default `/`. */
  namespace?: string
  /**
   * How many events to keep while there is no connection. If there are more, `emit` throws
   * `connection_failed`. Default 256.
   */
  maxQueued?: number
}

/** The error of a middleware of the server. */
interface ConnectError extends Error {
  data?: { code?: unknown } | undefined
}

/**
 * Connects by socket.io. The socket stays the same object until the session is closed, and keeps its
 * listeners. Events that are emitted while there is no connection are sent over the next one, in order.
 * `onMessage` is an object of listeners. If a middleware refuses a connection, set the `data` of its error to
 * the reason, for example `{ code: 4403 }` (PROTOCOL.md: "Close codes"). The server's pings detect dead
 * connections: set its `pingInterval` and `pingTimeout`.
 */
export function socketIo<
  ListenEvents extends EventsMap = EventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: SocketIoOptions = {}): Connect<Socket<ListenEvents, EmitEvents>, Partial<ListenEvents>> {
  const { path = 'socket.io', namespace = '/', maxQueued = 256, ...others } = options

  function createSocket(): Socket {
    const manager = new Manager({ ...others, autoConnect: false, reconnection: false })
    const socket = manager.socket(namespace, others)
    const emit = socket.emit.bind(socket)
    // socket.io itself has no limit.
    socket.emit = (event, ...args) => {
      if (socket.connected || socket.sendBuffer.length < maxQueued) return emit(event, ...args)
      throw new SessionBackendError(
        'connection_failed',
        `${maxQueued} events are already waiting: "${event}" can't be emitted. Raise \`maxQueued\`.`,
      )
    }
    return socket
  }

  return ({ url, signal, onLost, listeners, previous }) =>
    new Promise((resolve) => {
      if (signal.aborted) throw signal.reason
      const socket: Socket<ListenEvents, EmitEvents> = previous instanceof Socket ? previous : createSocket()
      const { protocol, hostname, port, pathname, searchParams } = new URL(url)
      Object.assign(socket.io.opts, {
        secure: protocol === 'https:',
        // socket.io puts the brackets around an IPv6 address by itself.
        hostname: hostname.replace(/[[\]]/g, ''),
        port,
        path: pathname + path,
        query: { ...others.query, ...Object.fromEntries(searchParams) },
      })
      const deliver = (event: string, ...args: unknown[]) => {
        for (const listener of listeners()) listener[event]?.(...args)
      }
      const onConnect = () => resolve(socket)
      const onEnd = () => onLost()
      const onRefused = ({ message, data }: ConnectError) => {
        const code = data?.code
        onLost(typeof code === 'number' ? { reason: message, code } : { reason: message })
      }
      const base: Socket = socket
      base.on('connect', onConnect).on('connect_error', onRefused).on('disconnect', onEnd).onAny(deliver)
      signal.addEventListener('abort', () => {
        base
          .off('connect', onConnect)
          .off('connect_error', onRefused)
          .off('disconnect', onEnd)
          .offAny(deliver)
        base.disconnect()
      })
      base.connect()
    })
}
