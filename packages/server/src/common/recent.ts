/** A map that holds the `max` entries that were set last, and at most as many older ones. */
export class Recent<T> {
  #entries = new Map<string, T>()
  /**
   * The previous generation. It is dropped as a whole, because dropping the oldest entry of a large map is
   * slow.
   */
  #older = new Map<string, T>()

  constructor(private readonly max = 1_000) {}

  set(key: string, value: T): void {
    if (this.#entries.size >= this.max && !this.#entries.has(key)) {
      this.#older = this.#entries
      this.#entries = new Map()
    }
    this.#entries.set(key, value)
  }

  get(key: string): T | undefined {
    return this.#entries.get(key) ?? this.#older.get(key)
  }

  /** Deletes every entry with that value, with the older values of its key. */
  forget(value: T): void {
    for (const [key, other] of this.#older) {
      if (other === value || this.#entries.get(key) === value) this.#older.delete(key)
    }
    for (const [key, other] of this.#entries) if (other === value) this.#entries.delete(key)
  }
}
