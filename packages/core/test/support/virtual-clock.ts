import { vi } from 'vitest'
import type { Clock } from '../../src/index.ts'

interface Timer {
  at: number
  ms: number
  callback: () => void
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #now: number
  #timers: Timer[] = []

  constructor(now = Date.UTC(2026, 0, 1, 12)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, ms, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** How long each timer that has not fired was set for, in ms. */
  get pending(): number[] {
    return this.#timers.map(({ ms }) => ms)
  }

  /** Moves on by `ms`, and fires what falls due, in its order. */
  advance(ms: number): void {
    const until = this.#now + ms
    while (true) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = next.at
      next.callback()
    }
    this.#now = until
  }

  /** Waits until the code under test waits, passes that time, and returns it in ms. */
  async passOneWait(): Promise<number> {
    const wait = await vi.waitFor(() => {
      const [ms, ...others] = this.pending
      if (ms === undefined || others.length > 0 || ms === SILENCE) throw new Error(`Timers: ${this.pending}`)
      return ms
    }, WAIT)
    this.advance(wait)
    return wait
  }

  /** Waits until the code under test listens for silence, and nothing else. */
  async listening(): Promise<void> {
    await vi.waitFor(() => {
      if (this.pending.join() !== String(SILENCE)) throw new Error(`Timers: ${this.pending}`)
    }, WAIT)
  }
}

const SILENCE = 45_000
const WAIT = { interval: 1, timeout: 5000 }
