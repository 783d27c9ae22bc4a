/** How long to wait between attempts. */
export interface BackoffOptions {
  /** The longest first wait, in ms. Default 500. */
  initial?: number
  /** The longest wait, in ms. Default 30,000. */
  max?: number
  /** Random numbers from 0 up to 1. Default `Math.random`. */
  random?: () => number
}

/** Waits that grow with each failure. */
export interface Backoff {
  /** The next wait in ms: between half of and the whole of a bound that doubles each time. */
  next(): number
  /** Starts over, after a success. */
  reset(): void
  /** Sets the first bound, in ms, within `initial` and `max`. The growth so far is kept. */
  startAt(ms: number): void
}

/**
 * Jittered exponential back-off without an attempt limit. Half of each wait is random, so that clients
 * which lost one server together do not come back to it together.
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { initial = 500, max = 30_000, random = Math.random } = options
  let first = initial
  let failures = 0
  return {
    next() {
      const bound = Math.min(first * 2 ** failures++, max)
      return bound / 2 + (random() * bound) / 2
    },
    reset() {
      failures = 0
    },
    startAt(ms) {
      first = Math.min(Math.max(ms, initial), max)
    },
  }
}
