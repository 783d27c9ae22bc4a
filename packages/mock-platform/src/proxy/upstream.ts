import { setTimeout as delay } from 'node:timers/promises'
import type { SessionBackendError } from '@session-backend/core'
import { buildConnector, Client } from 'undici'
import type { Address } from '../address.ts'
import { refusal } from './errors.ts'

/**
 * An idle connection is closed after this long, in ms: before a server with node's default of 5 s does it.
 */
const IDLE_LIMIT = 4_000
/** How many idle connections to one backend are kept. */
const MAX_IDLE = 256
/**
 * A backend that has ended may have written more than was read. Its connections are still read for this long,
 * in ms.
 */
const LAST_WORDS = 500

/** How long a backend may take to accept a connection, in ms. */
export const CONNECT_LIMIT = 10_000
/**
 * The longest head of an answer that is passed on, in bytes: node's own limit of 16 kB is for requests of
 * strangers.
 */
export const MAX_HEAD = 256 * 1024

const connect = buildConnector({ timeout: CONNECT_LIMIT, allowH2: false })

/** A connection to a backend that is kept, and carries one exchange at a time. */
export interface KeptConnection {
  readonly client: Client
  /** Whether it is open: a connection that was taken open has carried an exchange before. */
  open: boolean
}

/** Everything that is open to one backend. */
export class Upstream {
  readonly address: Address
  /** Why nothing can be sent any more. */
  over: 'ended' | 'closed' | undefined
  readonly #origin: string
  readonly #connections = new Set<KeptConnection>()
  readonly #idle: KeptConnection[] = []
  readonly #open = new Set<() => void>()
  #linger: Promise<void> | undefined
  /** Aborts when the proxy closes. The last output of ended backends is then no longer waited for. */
  readonly #quiet = new AbortController()
  #closing = false

  constructor(address: Address) {
    const { host, port } = address
    this.address = address
    this.#origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  /** The answer to a request that can't be sent any more. */
  refusal(): SessionBackendError {
    return refusal(this.over === 'closed' ? 'platform_busy' : 'gone')
  }

  /** The connection that was used last, or a new one. It has to be {@link release released}. */
  take(fresh: boolean): KeptConnection {
    return (fresh ? undefined : this.#idle.pop()) ?? this.#create()
  }

  /** Takes back a connection whose exchange is over. */
  release(connection: KeptConnection): void {
    if (connection.open && this.over === undefined && this.#idle.length < MAX_IDLE)
      this.#idle.push(connection)
    else this.#drop(connection)
  }

  /**
   * Remembers that something is open, until the function it returns is called.
   *
   * @param destroy How to close what is not closed along with its connection.
   */
  track(destroy: () => void = () => {}): () => void {
    this.#open.add(destroy)
    return () => {
      this.#open.delete(destroy)
      if (this.#closing && this.#open.size === 0) this.#quiet.abort()
    }
  }

  /** The backend has ended: what it wrote last is delivered, then everything is closed. */
  end(onClosed: () => void): void {
    if (this.over !== undefined) return
    this.over = 'ended'
    const words = delay(LAST_WORDS, undefined, { signal: this.#quiet.signal }).catch(() => {})
    this.#linger = words.then(() => this.#destroy()).then(onClosed)
  }

  /**
   * The proxy closes: so does everything here, at once but for the last words of a backend that has ended.
   */
  async close(): Promise<void> {
    this.over ??= 'closed'
    this.#closing = true
    if (this.#open.size === 0) this.#quiet.abort()
    await (this.#linger ?? this.#destroy())
  }

  async #destroy(): Promise<void> {
    for (const destroy of [...this.#open]) destroy()
    await Promise.all(Array.from(this.#connections, (connection) => this.#drop(connection)))
  }

  #create(): KeptConnection {
    const client = new Client(this.#origin, {
      connect,
      pipelining: 1,
      maxHeaderSize: MAX_HEAD,
      // A long poll has no time limit. Its client decides.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_LIMIT,
      keepAliveMaxTimeout: IDLE_LIMIT,
    })
    const connection: KeptConnection = { client, open: false }
    client.on('connect', () => {
      connection.open = true
    })
    client.on('disconnect', () => {
      connection.open = false
      const index = this.#idle.indexOf(connection)
      if (index !== -1) {
        this.#idle.splice(index, 1)
        this.#drop(connection)
      }
    })
    this.#connections.add(connection)
    return connection
  }

  async #drop(connection: KeptConnection): Promise<void> {
    this.#connections.delete(connection)
    if (!connection.client.destroyed) await connection.client.destroy()
  }
}
