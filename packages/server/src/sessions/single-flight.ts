import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Caller, type LeavingCaller, leavingCaller } from '../caller.ts'

/** What a caller of {@link SingleFlight.run} gets. */
export interface Landed<T> {
  value: T
  /** Whether this caller is the first to have it: one of them is. */
  first: boolean
}

interface Waiter<T> {
  resolve(landed: Landed<T>): void
  reject(error: unknown): void
}

interface Flight<T> {
  /** In the order in which they came. */
  waiting: Set<Waiter<T>>
  landed: boolean
  /** All that wait, as one: it leaves with the last of them. */
  crowd: LeavingCaller
}

/** How many callers of one flight are answered in one turn of the event loop: a crowd must not hold up all the others. */
const ANSWERS_PER_TURN = 8

/**
 * Lets callers that want the same thing at the same time share one piece of work. A result is kept for the turn of the
 * event loop in which it came: what arrived in the same turn is simultaneous, and its order is chance. A caller
 * that leaves takes nothing from the others; when the last one leaves, the work is aborted.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Rejects with what `work` threw, or when the caller leaves. */
  run(key: string, caller: Caller, work: (crowd: Caller) => Promise<T>): Promise<Landed<T>> {
    return new Promise((resolve, reject) => {
      if (caller.left) throw caller.signal.reason
      const flight = this.#flights.get(key) ?? this.#start(key, work)
      const stopListening = caller.onLeave(() => {
        flight.waiting.delete(waiter)
        if (flight.waiting.size === 0 && !flight.landed) this.#giveUp(key, flight)
        reject(caller.signal.reason)
      })
      const waiter: Waiter<T> = {
        resolve(landed) {
          stopListening()
          resolve(landed)
        },
        reject(error) {
          stopListening()
          reject(error)
        },
      }
      flight.waiting.add(waiter)
    })
  }

  #start(key: string, work: (crowd: Caller) => Promise<T>): Flight<T> {
    const flight: Flight<T> = { waiting: new Set(), landed: false, crowd: leavingCaller() }
    this.#flights.set(key, flight)
    work(flight.crowd).then(
      (value) => this.#answer(key, flight, value),
      (error: unknown) => {
        this.#remove(key, flight)
        for (const waiter of flight.waiting) waiter.reject(error)
      },
    )
    return flight
  }

  async #answer(key: string, flight: Flight<T>, value: T): Promise<void> {
    flight.landed = true
    let first = true
    while (flight.waiting.size > 0) {
      for (const waiter of [...flight.waiting].slice(0, ANSWERS_PER_TURN)) {
        flight.waiting.delete(waiter)
        waiter.resolve({ value, first })
        first = false
      }
      await nextTurn()
      this.#remove(key, flight)
    }
  }

  #giveUp(key: string, flight: Flight<T>): void {
    this.#remove(key, flight)
    flight.crowd.leave()
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}
