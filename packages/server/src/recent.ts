/** A map that holds the `max` entries that were set last, and at most as many older ones. */
export class Recent<T> {
  #entries = new Map<string, T>()
  /** The generation before: dropped as a whole, since to drop the oldest entry of a map takes long in a busy one. */
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

  /** Drops every entry with that value. */
  forget(value: T): void {
    for (const entries of [this.#older, this.#entries]) {
      for (const [key, other] of entries) if (other === value) entries.delete(key)
    }
  }
}
