import type { Clock } from '@session-backend/core'

/** Time that passes only when the test says so. */
export class FakeClock implements Clock {
  #now = Date.parse('2026-01-01T12:00:00Z')
  readonly #timers = new Map<object, { at: number; callback: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const key = {}
    this.#timers.set(key, { at: this.#now + ms, callback })
    return () => this.#timers.delete(key)
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** Lets time pass, and everything that is due happen in its order. */
  advance(ms: number): void {
    const end = this.#now + ms
    while (true) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0]
      if (!due) break
      const [key, { at, callback }] = due
      this.#timers.delete(key)
      this.#now = at
      callback()
    }
    this.#now = end
  }
}
