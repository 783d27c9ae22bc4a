import type { Clock } from '@session-backend/core'

/** Options of a {@link Sweeper}. */
export interface SweeperOptions {
  clock: Clock
  /** How long a backend may be idle, in ms. */
  gracePeriod: number
  /** Called once, when the backend was idle without a break for that long. */
  onIdle: () => void
}

/**
 * Counts the open connections of one backend. The grace period runs from the moment the last one closes, and
 * from Ready when there was none.
 */
export class Sweeper {
  #connections = 0
  #watching = false
  #cancel = () => {}

  constructor(private readonly options: SweeperOptions) {}

  get connections(): number {
    return this.#connections
  }

  /** The backend is Ready: it may be swept from now on. */
  start(): void {
    this.#watching = true
    this.#update()
  }

  /** The backend ends for another reason. */
  stop(): void {
    this.#watching = false
    this.#cancel()
  }

  /** Counts one connection until the function it returns is called. */
  enter(): () => void {
    let inside = true
    this.#connections++
    this.#update()
    return () => {
      if (!inside) return
      inside = false
      this.#connections--
      this.#update()
    }
  }

  #update(): void {
    this.#cancel()
    if (!this.#watching || this.#connections > 0) return
    const { clock, gracePeriod, onIdle } = this.options
    this.#cancel = clock.after(gracePeriod, () => {
      this.stop()
      onIdle()
    })
  }
}
