import * as v from 'valibot'
import { mustBe, optionError } from '../options/option-error.ts'
import { ENDPOINTS, type Endpoint } from './endpoints.ts'

/** A fault of an answer of the API. */
export type AnswerFault = {
  endpoint: Endpoint
  /** How many requests it strikes. Default 1; `Infinity` strikes until the fault is removed. */
  times?: number | undefined
} & (
  | /** The answer comes `ms` ms later than it would. */ { kind: 'delay'; ms: number }
  /** No answer ever comes. */
  | { kind: 'hang' }
  /** The connection is reset. */
  | { kind: 'reset' }
  /** The answer is an error with this status, and with `Retry-After` in seconds if `retryAfter` is set. */
  | { kind: 'status'; status: number; retryAfter?: number | undefined }
  /** The answer has the right content type and meaningless content. */
  | { kind: 'garbage' }
  /** The body comes byte by byte. */
  | { kind: 'split' }
  /** The connection is lost after this many bytes of the body. */
  | { kind: 'cut'; bytes: number }
)

/** A fault of the next spawned backend. */
export type BackendFault = {
  /** How many spawned backends it strikes. Default 1. */
  times?: number | undefined
} & (
  | /** It stays Loading until it is terminated. */ { kind: 'stuck-loading' }
  /** It is Ready `ms` ms later than it would be. */
  | { kind: 'slow-start'; ms: number }
  /** The platform loses track of it as soon as it is Ready. */
  | { kind: 'lost' }
)

/** A fault that {@link Faults.add} injects. */
export type Fault = AnswerFault | BackendFault

/** A fault that was injected. */
export interface ActiveFault {
  /** How often the fault has struck. */
  readonly strikes: number
  /** Removes the fault. */
  remove(): void
}

/** A fault in the list of those that are active. */
export interface ListedFault {
  /** Identifies it on this platform. */
  id: number
  fault: Fault
  /** How often it has struck. */
  strikes: number
}

const KINDS = [
  'delay',
  'hang',
  'reset',
  'status',
  'garbage',
  'split',
  'cut',
  'stuck-loading',
  'slow-start',
  'lost',
]

const times = v.optional(mustBe('a number of at least 1', v.pipe(v.number(), v.minValue(1))))
const ms = mustBe('a number of at least 0', v.pipe(v.number(), v.finite(), v.minValue(0)))
const bytes = mustBe('an integer of at least 0', v.pipe(v.number(), v.integer(), v.minValue(0)))
const endpoint = v.picklist(ENDPOINTS, `one of ${ENDPOINTS.join(', ')}`)
const answer = { endpoint, times }
const status = mustBe(
  'an integer from 400 to 599',
  v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
)
/** The schema of a {@link Fault}. */
export const FaultSchema = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('delay'), ...answer, ms }),
    v.strictObject({ kind: v.literal('hang'), ...answer }),
    v.strictObject({ kind: v.literal('reset'), ...answer }),
    v.strictObject({ kind: v.literal('status'), ...answer, status, retryAfter: v.optional(ms) }),
    v.strictObject({ kind: v.literal('garbage'), ...answer }),
    v.strictObject({ kind: v.literal('split'), ...answer }),
    v.strictObject({ kind: v.literal('cut'), ...answer, bytes }),
    v.strictObject({ kind: v.literal('stuck-loading'), times }),
    v.strictObject({ kind: v.literal('slow-start'), times, ms }),
    v.strictObject({ kind: v.literal('lost'), times }),
  ],
  `one of ${KINDS.join(', ')}`,
)

/** Makes the platform fail on demand. If several faults apply, the one that was added first strikes. */
export class Faults {
  readonly #active = new Map<number, Strike>()
  #lastId = 0

  constructor(private readonly loseBackend: (name: string) => void) {}

  /** Injects a fault. Throws `invalid_option` if it is invalid. */
  add(fault: Fault): ActiveFault {
    const result = v.safeParse(FaultSchema, fault)
    if (!result.success) throw optionError(result.issues[0], 'fault')
    const id = ++this.#lastId
    const strike = new Strike(fault, () => this.#active.delete(id))
    this.#active.set(id, strike)
    return strike
  }

  /** The faults that have not yet struck as often as they should. */
  get active(): ListedFault[] {
    return Array.from(this.#active, ([id, { fault, strikes }]) => ({ id, fault, strikes }))
  }

  /** Removes one fault. Returns whether it was there: it may have struck for the last time. */
  remove(id: number): boolean {
    return this.#active.delete(id)
  }

  /** Removes all faults. */
  clear(): void {
    this.#active.clear()
  }

  /** Makes the platform lose track of a running backend: its processes end, and its status is Lost. */
  lose(name: string): void {
    this.loseBackend(name)
  }

  /** The fault that strikes the next request to an endpoint. */
  strikeAnswer(endpoint: Endpoint): AnswerFault | undefined {
    for (const strike of this.#active.values()) {
      const { fault } = strike
      if (!('endpoint' in fault) || fault.endpoint !== endpoint) continue
      strike.use()
      return fault
    }
    return undefined
  }

  /** The fault that strikes the next backend. */
  strikeBackend(): BackendFault | undefined {
    for (const strike of this.#active.values()) {
      const { fault } = strike
      if ('endpoint' in fault) continue
      strike.use()
      return fault
    }
    return undefined
  }
}

class Strike implements ActiveFault {
  strikes = 0

  constructor(
    readonly fault: Fault,
    readonly remove: () => void,
  ) {}

  use(): void {
    if (++this.strikes >= (this.fault.times ?? 1)) this.remove()
  }
}
