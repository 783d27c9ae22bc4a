import type { Clock } from '@session-backend/core'
import { HEARTBEAT_INTERVAL } from '@session-backend/core/internal'

/** Keeps many streams alive by one timer, which runs while there is a stream. */
export class Heartbeats {
  readonly #beats = new Set<() => void>()
  #cancel = () => {}

  constructor(private readonly clock: Clock) {}

  /** Calls `beat` at every interval, until the function it returns is called. */
  add(beat: () => void): () => void {
    this.#beats.add(beat)
    if (this.#beats.size === 1) this.#next()
    return () => {
      this.#beats.delete(beat)
      if (this.#beats.size === 0) this.#cancel()
    }
  }

  #next(): void {
    this.#cancel = this.clock.after(HEARTBEAT_INTERVAL, () => {
      this.#next()
      for (const beat of this.#beats) beat()
    })
  }
}
