import { Manager, type ManagerOptions, Socket, type SocketOptions } from 'socket.io-client'
import type { Connect } from './connection/connect.ts'

/** The events of one direction, as socket.io types them: by name, the function that takes what is sent. */
// biome-ignore lint/suspicious/noExplicitAny: an interface only fits an index signature of `any`
type EventsMap = Record<string, any>

/** What the session decides: where to connect, and when. */
type Decided =
  | 'host'
  | 'hostname'
  | 'port'
  | 'secure'
  | 'autoConnect'
  | 'forceNew'
  | 'multiplex'
  | `reconnection${string}`

/** Options of {@link socketIo}: those of socket.io-client, but for what the session decides. */
export interface SocketIoOptions extends Omit<Partial<ManagerOptions & SocketOptions>, Decided> {
  /** Below the backend's URL. Default `socket.io`. */
  path?: string
  /** Default `/`. */
  namespace?: string
}

/**
 * Connects by socket.io. The socket is the same object for as long as the session lives: its listeners stay, and what is
 * emitted while there is no connection is sent over the next one, in order. `onMessage` takes an object of listeners.
 * A connection that died unnoticed is found by the pings of the server: set its `pingInterval` and `pingTimeout`.
 */
export function socketIo<
  ListenEvents extends EventsMap = EventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>(options: SocketIoOptions = {}): Connect<Socket<ListenEvents, EmitEvents>, Partial<ListenEvents>> {
  const { path = 'socket.io', namespace = '/', ...others } = options

  return ({ url, signal, onLost, listeners, previous }) =>
    new Promise((resolve) => {
      if (signal.aborted) throw signal.reason
      const socket: Socket<ListenEvents, EmitEvents> =
        previous instanceof Socket
          ? previous
          : new Manager({ ...others, autoConnect: false, reconnection: false }).socket(namespace, others)
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
      const base: Socket = socket
      base.on('connect', onConnect).on('connect_error', onEnd).on('disconnect', onEnd).onAny(deliver)
      signal.addEventListener('abort', () => {
        base.off('connect', onConnect).off('connect_error', onEnd).off('disconnect', onEnd).offAny(deliver)
        base.disconnect()
      })
      base.connect()
    })
}
