/**
 * The part of a WebSocket that the suite uses; that of browsers, of Node 22, of undici and of `ws` have it.
 */
export interface WebSocketLike {
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  send(data: string): void
  close(): void
}

/** The platform to test, and what runs on it. */
export interface ConformanceOptions {
  /** Where the API's bare paths are, such as `http://127.0.0.1:8080`. */
  baseUrl: string
  account: string
  /** A token of the account. */
  token: string
  /** A service of the account that runs `@session-backend/conformance/backend.mjs`. */
  service: string
  /** A second service of the account that runs the same program. */
  otherService?: string | undefined
  /** A service of the account whose program cannot be started. */
  brokenService?: string | undefined
  /** A tag of `service` under which the same program runs with `CONFORMANCE_TAG` set to that tag. */
  tag?: string | undefined
  /** The platform's start-up limit, in seconds. A case waits for it. */
  startTimeoutSeconds?: number | undefined
  /** The port that every backend has to get: 8080 where backends are containers. */
  port?: number | undefined
  /** Makes the platform lose track of a backend. */
  lose?: ((backendName: string) => void | Promise<void>) | undefined
  /** Default: the global one, which Node has from version 22 on. */
  WebSocket?: (new (url: string) => WebSocketLike) | undefined
}
