import { childOf } from '@session-backend/core/internal'

/** Streams that are read, and all end when it is closed. */
export class ClosableStreams {
  /** Not one signal for all of them: it would keep something of each, for ever. */
  readonly #scopes = new Set<AbortController>()
  #closed: { reason: unknown } | undefined

  /**
   * Reads a stream until it ends, until `signal` aborts, or until {@link close}: its own signal aborts then.
   */
  async *read<T>(
    signal: AbortSignal | undefined,
    follow: (signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, void> {
    const scope = childOf(signal)
    this.#scopes.add(scope)
    if (this.#closed) scope.abort(this.#closed.reason)
    try {
      yield* follow(scope.signal)
    } finally {
      this.#scopes.delete(scope)
      scope.abort()
    }
  }

  close(reason: unknown): void {
    this.#closed = { reason }
    for (const scope of this.#scopes) scope.abort(reason)
  }
}
