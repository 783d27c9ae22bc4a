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

  /** @param now The first time, in ms since the epoch. */
  constructor(now = Date.UTC(2026, 0, 1, 12)) {
    this.#now = now
  }

  now = (): number => this.#now + this.#shift

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + ms, ms, callback }
    this.#timers.add(timer)
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
    for (let timer = this.#earliest(); timer && timer.at <= until; timer = this.#earliest()) {
      this.#timers.delete(timer)
      this.#now = Math.max(timer.at, this.#now)
      timer.callback()
    }
    this.#now = Math.max(until, this.#now)
  }

  /** Sets the clock forward by `ms`, as a user may, or back. No timer is moved by it. */
  shift(ms: number): void {
    this.#shift += ms
  }

  #earliest(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (first === undefined || timer.at < first.at) first = timer
    return first
  }
}
