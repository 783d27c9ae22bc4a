import { type LazyAbort, LazyAbortController } from '../common/lazy-abort.ts'

/** What a caller of {@link SingleFlight.run} gets. */
export interface Landed<T> {
  value: T
  /** Whether this caller is the first to have it: one of them is. */
  first: boolean
}

interface Waiter<T> {
  /** Stops listening for the caller's leaving. */
  stopListening(): void
  resolve(landed: Landed<T>): void
  reject(error: unknown): void
}

interface Flight<T> {
  /** The waiting callers, in order. */
  waiting: Set<Waiter<T>>
  landed: boolean
  /** All waiting callers as one. It leaves when the last of them leaves. */
  crowd: LazyAbortController
}

/**
 * A crowd is answered in this many turns of the event loop. A client that is answered in the first turn and
 * asks again at once starts the next call while the others are answered.
 */
const TURNS = 8
/** A larger crowd takes more turns, so that it holds up no other request. */
const MAX_ANSWERS_PER_TURN = 8

/**
 * Lets callers that want the same thing at the same time share one piece of work. A result is kept for the
 * turn of the event loop in which it came: what arrived in the same turn is simultaneous, and its order is
 * chance. A caller that leaves takes nothing from the others; when the last one leaves, the work is aborted.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Rejects with what `work` threw, or when the caller leaves. */
  run(key: string, caller: LazyAbort, work: (crowd: LazyAbort) => Promise<T>): Promise<Landed<T>> {
    return new Promise((resolve, reject) => {
      if (caller.aborted) throw caller.signal.reason
      const flight = this.#flights.get(key) ?? this.#start(key, work)
      const leave = () => {
        flight.waiting.delete(waiter)
        if (flight.waiting.size === 0 && !flight.landed) this.#giveUp(key, flight)
        reject(caller.signal.reason)
      }
      const waiter = { stopListening: caller.onAbort(leave), resolve, reject }
      flight.waiting.add(waiter)
    })
  }

  #start(key: string, work: (crowd: LazyAbort) => Promise<T>): Flight<T> {
    const flight: Flight<T> = { waiting: new Set(), landed: false, crowd: new LazyAbortController() }
    const landing = work(flight.crowd)
    // Only now, so that nobody waits for work that threw before it had begun.
    this.#flights.set(key, flight)
    landing.then(
      (value) => this.#answer(key, flight, { value, first: true }),
      (error: unknown) => {
        this.#remove(key, flight)
        for (const waiter of flight.waiting) release(waiter).reject(error)
      },
    )
    return flight
  }

  #answer(key: string, flight: Flight<T>, landed: Landed<T>, perTurn = perTurnOf(flight)): void {
    flight.landed = true
    const later = { ...landed, first: false }
    let answers = 0
    for (const waiter of flight.waiting) {
      if (answers === perTurn) break
      flight.waiting.delete(waiter)
      release(waiter).resolve(answers === 0 ? landed : later)
      answers++
    }
    setImmediate(() => {
      this.#remove(key, flight)
      if (flight.waiting.size > 0) this.#answer(key, flight, later, perTurn)
    })
  }

  #giveUp(key: string, flight: Flight<T>): void {
    this.#remove(key, flight)
    flight.crowd.abort()
  }

  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

/** A waiter that is about to have its answer. */
function release<T>(waiter: Waiter<T>): Waiter<T> {
  waiter.stopListening()
  return waiter
}

function perTurnOf({ waiting }: Flight<unknown>): number {
  return Math.min(Math.ceil(waiting.size / TURNS), MAX_ANSWERS_PER_TURN)
}
