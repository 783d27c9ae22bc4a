/** How many messages a connection may send. */
export interface Rate {
  /** The number of messages per second, on average. Default 200. */
  perSecond?: number | undefined
  /** The number of messages at once. Default: twice `perSecond`. */
  burst?: number | undefined
}

/** A bucket that fills by itself: each message takes one out. */
export class RateLimit {
  readonly #perMs: number
  readonly #burst: number
  #left: number
  #filledAt: number

  constructor({ perSecond = 200, burst = 2 * perSecond }: Rate = {}) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#left = burst
    this.#filledAt = performance.now()
  }

  /** Whether there is room for one more message. */
  take(): boolean {
    const now = performance.now()
    const refilled = this.#left + (now - this.#filledAt) * this.#perMs
    // What was allowed on top stays until it is used.
    this.#left = Math.min(refilled, Math.max(this.#burst, this.#left)) - 1
    this.#filledAt = now
    return this.#left >= 0
  }

  /** Allows some more than the burst. */
  allow(messages: number): void {
    this.#left += messages
  }
}
