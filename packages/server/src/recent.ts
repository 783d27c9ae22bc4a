/** A map that holds the entries that were set last, and no more of them than it may. */
export class Recent<T> {
  /** Oldest first. */
  readonly #entries = new Map<string, T>()

  constructor(private readonly max = 1_000) {}

  set(key: string, value: T): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.max) return
      this.#entries.delete(oldest)
    }
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)
  }

  /** Drops every entry with that value. */
  forget(value: T): void {
    for (const [key, other] of this.#entries) if (other === value) this.#entries.delete(key)
  }
}
