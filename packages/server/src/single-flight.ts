/** What a caller of {@link SingleFlight.run} gets. */
export interface Landed<T> {
  value: T
  /** Whether the work was begun for this caller, and not only awaited by it. */
  own: boolean
}

interface Flight<T> {
  result: Promise<T>
  waiting: number
  abort: AbortController
}

/**
 * Lets callers that want the same thing at the same time share one piece of work. Nothing is kept once it is
 * done. A caller that leaves takes nothing from the others; when the last one leaves, the work is aborted.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  async run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<Landed<T>> {
    if (signal.aborted) throw signal.reason
    const joined = this.#flights.get(key)
    const flight = joined ?? this.#start(key, work)
    flight.waiting++
    let leave = () => {}
    try {
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal.reason)
        signal.addEventListener('abort', leave, { once: true })
      })
      return { value: await Promise.race([flight.result, left]), own: !joined }
    } finally {
      signal.removeEventListener('abort', leave)
      flight.waiting--
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
        flight.abort.abort()
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController()
    const flight: Flight<T> = { abort, waiting: 0, result: work(abort.signal) }
    this.#flights.set(key, flight)
    const land = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.result.then(land, land)
    return flight
  }
}
