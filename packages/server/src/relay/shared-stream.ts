/** An item of a {@link SharedStream}, with its place in the stream from 0 on. */
export interface Indexed<T> {
  item: T
  index: number
}

/**
 * How much of a {@link SharedStream} is kept: the last items that weigh no more than `most` together, or the
 * very last.
 */
export interface History<T> {
  most: number
  weigh(item: T): number
}

/**
 * One source that many readers follow, each at its own pace. It is opened for the first reader and closed
 * when the last one leaves. All readers take from one shared history, so a slow reader costs no memory. A
 * reader that falls behind the history goes on with its oldest item.
 */
export class SharedStream<T> {
  readonly #items: T[] = []
  /** The place of the first item that is kept. */
  #first = 0
  #end: { error?: unknown } | undefined
  readonly #waiting = new Set<() => void>()
  readonly #close = new AbortController()
  #readers = 0
  /** What the items that are kept weigh together. */
  #weight = 0

  /**
   * @param open Opens the source; it closes when the signal aborts.
   * @param history What late readers can still get.
   * @param onClosed Called once, when there is nothing to join any more.
   */
  constructor(
    private readonly open: (signal: AbortSignal) => AsyncIterable<T>,
    private readonly history: History<T>,
    private readonly onClosed: () => void,
  ) {}

  /**
   * Yields what there is from `from` on, then what comes, until the source ends. Throws what the source
   * threw.
   */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<Indexed<T>, void, void> {
    if (this.#readers++ === 0) this.#pump()
    let index = from
    try {
      while (true) {
        index = Math.max(index, this.#first)
        for (; index < this.#first + this.#items.length; index++) {
          const item = this.#items[index - this.#first]
          if (item !== undefined) yield { item, index }
          if (signal.aborted) throw signal.reason
        }
        if (this.#end && 'error' in this.#end) throw this.#end.error
        if (this.#end) return
        await this.#change(signal)
      }
    } finally {
      if (--this.#readers === 0) this.#finish({})
    }
  }

  async #pump() {
    try {
      for await (const item of this.open(this.#close.signal)) {
        this.#items.push(item)
        this.#weight += this.history.weigh(item)
        this.#dropOldest()
        this.#wake()
      }
      this.#finish({})
    } catch (error) {
      this.#finish({ error })
    }
  }

  #dropOldest() {
    while (this.#weight > this.history.most && this.#items.length > 1) {
      const oldest = this.#items.shift()
      if (oldest === undefined) return
      this.#weight -= this.history.weigh(oldest)
      this.#first++
    }
  }

  #finish(end: { error?: unknown }) {
    if (this.#end) return
    this.#end = end
    this.onClosed()
    this.#close.abort()
    this.#wake()
  }

  #wake() {
    for (const wake of this.#waiting) wake()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiting.delete(settle)
        signal.removeEventListener('abort', settle)
        if (signal.aborted) reject(signal.reason)
        else resolve()
      }
      this.#waiting.add(settle)
      signal.addEventListener('abort', settle, { once: true })
      if (signal.aborted) settle()
    })
  }
}

/** The streams that are open, by name. */
export class SharedStreams<T> {
  readonly #streams = new Map<string, SharedStream<T>>()

  /** Returns the stream of that name, and opens it if it isn't open yet. */
  get(name: string, history: History<T>, open: (signal: AbortSignal) => AsyncIterable<T>): SharedStream<T> {
    const existing = this.#streams.get(name)
    if (existing) return existing
    const stream = new SharedStream(open, history, () => this.#streams.delete(name))
    this.#streams.set(name, stream)
    return stream
  }
}
