import type { Clock } from '@session-backend/core'

/** Counts the work that is under way, so that a shutdown can let it end. */
export class Ongoing {
  #count = 0
  readonly #waiting = new Set<() => void>()

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#count++
    try {
      return await work()
    } finally {
      if (--this.#count === 0) for (const wake of this.#waiting) wake()
    }
  }

  /** Resolves when nothing is under way, or after `ms` milliseconds. */
  settled(ms: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        cancel()
        resolve()
      }
      const cancel = clock.after(ms, wake)
      this.#waiting.add(wake)
      if (this.#count === 0) wake()
    })
  }
}
