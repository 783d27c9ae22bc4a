import type { Duplex } from 'node:stream'

/** The largest batch, in bytes. A larger one is written at once. */
const MAX_HELD = 16 * 1024

/**
 * Holds back what is written to pages until the turn of the event loop ends: then it is one call of the
 * system for each page, however many messages there are. A room spends most of its time in these calls.
 */
export class WriteBatch {
  readonly #held = new Set<Duplex>()

  /** To be called before each write. */
  hold(stream: Duplex): void {
    if (this.#held.has(stream)) return
    if (this.#held.size === 0) setImmediate(() => this.#writeAll())
    this.#held.add(stream)
    stream.cork()
  }

  /** To be called after each write. */
  written(stream: Duplex): void {
    if (stream.writableLength > MAX_HELD && this.#held.delete(stream)) stream.uncork()
  }

  #writeAll(): void {
    for (const stream of this.#held) stream.uncork()
    this.#held.clear()
  }
}
