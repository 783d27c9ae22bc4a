/** How many items to keep until there is a listener. */
const MAX_UNHEARD = 256

/**
 * Passes what arrives on to all listeners, in order. The first listener gets what arrived before it, up to
 * 256 items.
 */
export class Deliveries<Listener extends object, Item> {
  readonly #unheard: Item[] = []
  /** Wrapped, so that one listener can be added twice. */
  readonly #added = new Set<{ listener: Listener }>()
  #components: () => readonly Listener[] = () => []

  constructor(private readonly deliver: (listener: Listener, item: Item) => void) {}

  /** Adds a listener, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    const entry = { listener }
    this.#added.add(entry)
    this.#flush()
    return () => {
      this.#added.delete(entry)
    }
  }

  /** Sets the components' `onMessage`. @internal */
  deliverTo(components: () => readonly Listener[]): void {
    this.#components = components
  }

  /** A listener that throws doesn't keep an item from the others. */
  receive(item: Item): void {
    if (this.#unheard.length < MAX_UNHEARD) this.#unheard.push(item)
    this.#flush()
  }

  #flush(): void {
    const components = this.#components()
    if (this.#added.size + components.length === 0) return
    for (const item of this.#unheard.splice(0)) {
      for (const listener of components) this.#call(listener, item)
      // A copy: one that leaves and comes back during a message is not called twice.
      for (const entry of [...this.#added]) if (this.#added.has(entry)) this.#call(entry.listener, item)
    }
  }

  #call(listener: Listener, item: Item): void {
    try {
      this.deliver(listener, item)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
