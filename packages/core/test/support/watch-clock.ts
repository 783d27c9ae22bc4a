import { vi } from 'vitest'
import { FakeClock } from './fake-clock.ts'

/** How long a stream may be silent, in ms. */
const SILENCE = 45_000
const WAIT = { interval: 1, timeout: 5000 }

/** The time of one watch of a status. */
export class WatchClock extends FakeClock {
  /** Waits until the watch waits, passes that time, and returns it in ms. */
  async passOneWait(): Promise<number> {
    const wait = await vi.waitFor(() => {
      const [ms, ...others] = this.waits
      if (ms === undefined || others.length > 0 || ms === SILENCE) throw new Error(`Timers: ${this.waits}`)
      return ms
    }, WAIT)
    this.advance(wait)
    return wait
  }

  /** Waits until the watch listens for silence, and nothing else. */
  async listening(): Promise<void> {
    await vi.waitFor(() => {
      if (this.waits.join() !== String(SILENCE)) throw new Error(`Timers: ${this.waits}`)
    }, WAIT)
  }
}
