import type { Clock } from '../../src/index.ts'

interface Timer {
  at: number
  ms: number
  callback: () => void
}

/** Time that passes only when a test says so. The tests of all packages use it. */
export class FakeClock implements Clock {
  /** By this time timers fire; it is never set. */
  #now: number
  #shift = 0
  readonly #timers = new Set<Timer>()
  /** The earliest of the timers that were set since the clock began to move on. */
  #nextSet = Infinity

  /** @param now The first time, in ms since the epoch. */
  constructor(now = Date.UTC(2026, 0, 1, 12)) {
    this.#now = now
  }

  now = (): number => this.#now + this.#shift

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, ms, callback }
    this.#timers.add(timer)
    this.#nextSet = Math.min(this.#nextSet, timer.at)
    return () => this.#timers.delete(timer)
  }

  /** How many timers have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  /** How long each timer that has not fired was set for, in ms. */
  get waits(): number[] {
    return Array.from(this.#timers, ({ ms }) => ms)
  }

  /** Moves on by `ms`, and fires what falls due on the way, in its order. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (let due = this.#due(until); due.length > 0; due = this.#due(until)) {
      for (const timer of due) {
        // A timer that a callback has set may come before the rest.
        if (this.#nextSet < timer.at) break
        if (!this.#timers.delete(timer)) continue
        this.#now = Math.max(timer.at, this.#now)
        timer.callback()
      }
    }
    this.#now = Math.max(until, this.#now)
  }

  /** Sets the clock forward by `ms`, as a user may, or back. No timer is moved by it. */
  shift(ms: number): void {
    this.#shift += ms
  }

  /** What fires until then, in its order, as far as it is set now. */
  #due(until: number): Timer[] {
    this.#nextSet = Infinity
    return [...this.#timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)
  }
}
