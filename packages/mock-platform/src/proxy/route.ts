import type { Address } from '../address.ts'

/** A backend as the proxy sees it, for one connection URL. */
export interface ProxyRoute {
  /**
   * Resolves when the backend is Ready; at once when it is already. Rejects with `gone` when it ends
   * before, and with the signal's reason when the client leaves first.
   */
  whenReady(signal: AbortSignal): Promise<Address>
  /**
   * Counts one connection until the function it returns is called (a second call does nothing). Activity
   * decides about sweeping.
   */
  enter(): () => void
  /** Called when the backend has begun an answer, or sent something over a WebSocket for the first time. */
  spoke(): void
  /** The `x-verified-*` headers that the backend may trust. */
  verifiedHeaders: Readonly<Record<string, string>>
  /** Aborts when the backend has ended: what is still open to it is closed. */
  ended: AbortSignal
}

/** Finds the route that belongs to a connection URL; compares the token in constant time. */
export interface ProxyRoutes {
  /** `undefined` for a backend that is unknown or has ended, and for a token that is not its own. */
  find(name: string, token: string): ProxyRoute | undefined
}

/** A connection URL, taken apart. */
export interface ProxyTarget {
  name: string
  /** Empty if the URL has none. */
  token: string
  /**
   * What the backend is asked for, with the query: the URL below the token, or all of it if the token is
   * static.
   */
  path: string
  /** The path of the client's own request: with the token, and without the query. */
  originalPath: string
  /** By which protocol clients reach the platform. */
  protocol: 'http' | 'https'
  /** Whether the pages of other backends have the same origin. */
  sharedOrigin: boolean
}
