/** What a caller of {@link SingleFlight.run} gets. */
export interface Landed<T> {
  value: T
  /** Whether this caller is the first to have it: one of them is. */
  first: boolean
}

interface Flight<T> {
  result: Promise<T>
  landed: boolean
  waiting: number
  taken: boolean
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
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiting++
    let leave = () => {}
    try {
      const value = await new Promise<T>((resolve, reject) => {
        leave = () => reject(signal.reason)
        signal.addEventListener('abort', leave, { once: true })
        flight.result.then(resolve, reject)
      })
      const first = !flight.taken
      flight.taken = true
      return { value, first }
    } finally {
      signal.removeEventListener('abort', leave)
      flight.waiting--
      if (flight.waiting === 0 && !flight.landed) {
        this.#remove(key, flight)
        flight.abort.abort()
      }
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController()
    const flight: Flight<T> = { abort, landed: false, waiting: 0, taken: false, result: work(abort.signal) }
    this.#flights.set(key, flight)
    const land = () => {
      flight.landed = true
      this.#remove(key, flight)
    }
    flight.result.then(land, land)
    return flight
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
