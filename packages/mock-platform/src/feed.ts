import { createName } from './secrets.ts'

/** One entry of a {@link Feed}. Ids count up from 1. */
export interface Entry<T> {
  id: number
  value: T
}

/**
 * A history that can be read from the start, followed live, and that ends. The oldest entries may be dropped.
 */
export class Feed<T> {
  /** Identifies this history, for example next to that of the same backend on an earlier platform. */
  readonly name = createName()
  #entries: Entry<T>[] = []
  #nextId = 1
  #weight = 0
  #ended = false
  readonly #followers = new Set<() => void>()

  /**
   * @param limit The largest total weight of the entries that are kept. Default: all are kept.
   * @param weigh Returns the weight of a value. Default 1.
   */
  constructor(
    private limit = Number.POSITIVE_INFINITY,
    private readonly weigh: (value: T) => number = () => 1,
  ) {}

  get ended(): boolean {
    return this.#ended
  }

  get last(): T | undefined {
    return this.#entries.at(-1)?.value
  }

  get values(): T[] {
    return this.#entries.map((entry) => entry.value)
  }

  /** The first entry after `id` that is still there. */
  after(id: number): Entry<T> | undefined {
    const firstId = this.#entries[0]?.id ?? this.#nextId
    return this.#entries[Math.max(id + 1 - firstId, 0)]
  }

  push(value: T): void {
    this.pushAll([value])
  }

  /** Adds values, and tells the followers once. */
  pushAll(values: readonly T[]): void {
    if (this.#ended || values.length === 0) return
    for (const value of values) {
      this.#entries.push({ id: this.#nextId++, value })
      this.#weight += this.weigh(value)
    }
    this.#dropOldest()
    this.#notify()
  }

  #dropOldest(): void {
    let dropped = 0
    for (const { value } of this.#entries) {
      if (this.#weight <= this.limit) break
      this.#weight -= this.weigh(value)
      dropped++
    }
    if (dropped > 0) this.#entries.splice(0, dropped)
  }

  /** Keeps less from now on. `copy` returns a replacement for each value that stays. */
  shrink(limit: number, copy: (value: T) => T): void {
    this.limit = limit
    this.#dropOldest()
    this.#entries = this.#entries.map(({ id, value }) => ({ id, value: copy(value) }))
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#notify()
    this.#followers.clear()
  }

  /** Calls `follower` when there is something new, or the end, until the function it returns is called. */
  follow(follower: () => void): () => void {
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /**
   * The same history in other words. `toWords` gets a value, the value before it, and its own last result.
   */
  project<U>(toWords: (value: T, before: T | undefined, last: U | undefined) => readonly U[]): Feed<U> {
    const projection = new Feed<U>()
    let before: T | undefined
    this.read(
      (value) => {
        projection.pushAll(toWords(value, before, projection.last))
        before = value
      },
      () => projection.end(),
    )
    return projection
  }

  /** Calls `reader` with each value, those that are there at once. Calls `onEnd` after the last one. */
  read(reader: (value: T) => void, onEnd: () => void = () => {}): void {
    let position = 0
    const catchUp = () => {
      for (let entry = this.after(position); entry; entry = this.after(position)) {
        reader(entry.value)
        position = entry.id
      }
      if (this.#ended) onEnd()
    }
    this.follow(catchUp)
    catchUp()
  }

  #notify(): void {
    for (const follower of [...this.#followers]) follower()
  }
}
