import { type Clock, sleep } from './clock.ts'

/** How long to wait between attempts. */
export interface BackoffOptions {
  /** The longest first wait, in ms. Default 500. */
  initial?: number
  /** The longest wait, in ms. Default 30,000. */
  max?: number
  /** Random numbers from 0 up to 1. Default `Math.random`. */
  random?: (() => number) | undefined
}

/** Waits that grow with each failure. */
export interface Backoff {
  /**
   * The next wait in ms: between half of and the whole of a bound that doubles each time; and at least the
   * `retryAfter` seconds that the other side asked for, of which 60 are heeded.
   */
  next(retryAfter?: number): number
  /** Starts over, after a success. */
  reset(): void
  /** Sets the first bound, in ms, within `initial` and `max`. The growth so far is kept. */
  startAt(ms: number): void
}

/** In s. PROTOCOL.md: "Following a status stream". */
const RETRY_AFTER_MAX = 60

/**
 * Jittered exponential back-off without an attempt limit. Half of each wait is random, so that clients
 * which lost one server together do not come back to it together.
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { initial = 500, max = 30_000, random = Math.random } = options
  let first = initial
  let failures = 0
  return {
    next(retryAfter = 0) {
      const bound = Math.min(first * 2 ** failures++, max)
      return Math.max(Math.min(retryAfter, RETRY_AFTER_MAX) * 1000, bound / 2 + (random() * bound) / 2)
    },
    reset() {
      failures = 0
    },
    startAt(ms) {
      first = Math.min(Math.max(ms, initial), max)
    },
  }
}

/**
 * Waits before the next attempt. If `clock` can stand still, the wait that the other side asked for
 * continues, and is not cut short when the clock runs again.
 */
export async function pause(
  clock: Clock,
  backoff: Backoff,
  retryAfter: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ms = backoff.next(retryAfter)
  if (!retryAfter || !clock.steady) return sleep(clock, ms, signal)
  await sleep(clock.steady, ms, signal)
  await sleep(clock, 0, signal)
}
