import type { Clock } from '@session-backend/core'
import type { OpeningTimes } from '@session-backend/core/internal'

/** What the request that spawned a backend says about how it came. PROTOCOL.md: "Traces". */
export interface Opening {
  times: OpeningTimes
  /** The trace that the backend was spawned in, in hexadecimal digits. */
  traceId: string | undefined
}

/** When a backend was first used, in ms since the epoch. */
export class Moments {
  #connected: number | undefined
  #spoke: number | undefined

  constructor(private readonly clock: Clock) {}

  /** When the first client connected, which may have waited for the start. */
  get connected(): number | undefined {
    return this.#connected
  }

  /** When the backend first sent something to a client: the head of an answer, or a byte over a WebSocket. */
  get spoke(): number | undefined {
    return this.#spoke
  }

  connect(): void {
    this.#connected ??= this.clock.now()
  }

  speak(): void {
    this.#spoke ??= this.clock.now()
  }
}
