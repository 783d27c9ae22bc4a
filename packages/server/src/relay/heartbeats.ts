import type { Clock } from '@session-backend/core'
import { HEARTBEAT, HEARTBEAT_INTERVAL } from '@session-backend/core/internal'

/**
 * Passes events on, with a comment after every 15 s without an event. PROTOCOL.md: "Following a status
 * stream".
 */
export async function* withHeartbeats(
  events: AsyncGenerator<string, void, void>,
  clock: Clock,
): AsyncGenerator<string, void, void> {
  try {
    while (true) {
      const next = events.next()
      const arrival = new Arrival(next)
      while (!(await arrival.within(HEARTBEAT_INTERVAL, clock))) yield HEARTBEAT
      const result = await next
      if (result.done) return
      yield result.value
    }
  } finally {
    await events.return()
  }
}

/**
 * Waits for a promise again and again with one listener. An event may take days, and a new listener at each
 * heartbeat would pile up until then.
 */
class Arrival {
  #isThere = false
  #wake = () => {}

  /** A reader may leave while the promise is pending. Its rejection must be handled even then. */
  constructor(promise: Promise<unknown>) {
    const arrive = () => {
      this.#isThere = true
      this.#wake()
    }
    promise.then(arrive, arrive)
  }

  /** Resolves when the promise has settled, or after `ms` milliseconds: whether it has settled. */
  within(ms: number, clock: Clock): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => resolve(this.#isThere))
      this.#wake = () => {
        cancel()
        resolve(true)
      }
      if (this.#isThere) this.#wake()
    })
  }
}
