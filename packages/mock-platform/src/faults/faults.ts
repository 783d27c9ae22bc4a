import * as v from 'valibot'
import { optionError } from '../option-error.ts'
import { ENDPOINTS, type Endpoint } from './endpoints.ts'

/** What goes wrong with an answer of the API. */
export type AnswerFault = {
  endpoint: Endpoint
  /** How many requests it concerns. Default 1; `Infinity` for all until it is removed. */
  times?: number | undefined
} & (
  | /** The answer comes `ms` ms later than it would. */ { kind: 'delay'; ms: number }
  /** No answer ever comes. */
  | { kind: 'hang' }
  /** The connection is reset. */
  | { kind: 'reset' }
  /** An error answer, with `Retry-After` in seconds if it is given. */
  | { kind: 'status'; status: number; retryAfter?: number | undefined }
  /** The answer is of the right type, and makes no sense. */
  | { kind: 'garbage' }
  /** The body comes byte by byte. */
  | { kind: 'split' }
  /** The connection is lost after this many bytes of the body. */
  | { kind: 'cut'; bytes: number }
)

/** What goes wrong with a backend that is spawned. */
export type BackendFault = {
  /** How many spawned backends it concerns. Default 1. */
  times?: number | undefined
} & (
  | /** It stays Loading until it is terminated. */ { kind: 'stuck-loading' }
  /** It is Ready `ms` ms later than it would be. */
  | { kind: 'slow-start'; ms: number }
  /** The platform loses track of it as soon as it is Ready. */
  | { kind: 'lost' }
)

/** What can be asked to go wrong. */
export type Fault = AnswerFault | BackendFault

/** A fault that was asked for. */
export interface ActiveFault {
  /** How often it has struck. */
  readonly strikes: number
  /** Takes it back. */
  remove(): void
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

/** What is wrong with a value of this schema is told by what it must be. */
function mustBe<Schema extends v.GenericSchema>(expected: string, schema: Schema) {
  return v.config(schema, { message: expected })
}

const times = v.optional(mustBe('a number of at least 1', v.pipe(v.number(), v.minValue(1))))
const ms = mustBe('a number of at least 0', v.pipe(v.number(), v.finite(), v.minValue(0)))
const bytes = mustBe('an integer of at least 0', v.pipe(v.number(), v.integer(), v.minValue(0)))
const endpoint = v.picklist(ENDPOINTS, `one of ${ENDPOINTS.join(', ')}`)
const answer = { endpoint, times }
const status = mustBe(
  'an integer from 400 to 599',
  v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
)
/** What a fault looks like. */
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

/** Makes the platform fail on demand, as platforms do. Faults of one endpoint strike in the order they came. */
export class Faults {
  readonly #active = new Set<Strike>()

  constructor(private readonly loseBackend: (name: string) => void) {}

  /** Asks for a fault. Throws `invalid_option` if it is not a fault. */
  add(fault: Fault): ActiveFault {
    const result = v.safeParse(FaultSchema, fault)
    if (!result.success) throw optionError(result.issues[0], 'fault')
    const strike = new Strike(fault, () => this.#active.delete(strike))
    this.#active.add(strike)
    return strike
  }

  /** What was asked for and has not yet struck as often as it should. */
  get active(): { fault: Fault; strikes: number }[] {
    return Array.from(this.#active, ({ fault, strikes }) => ({ fault, strikes }))
  }

  /** Takes all faults back. */
  clear(): void {
    this.#active.clear()
  }

  /** Makes the platform lose track of a backend that runs: its processes end, and its status is Lost. */
  lose(name: string): void {
    this.loseBackend(name)
  }

  /** The fault that strikes the next request to an endpoint. */
  strikeAnswer(endpoint: Endpoint): AnswerFault | undefined {
    for (const strike of this.#active) {
      const { fault } = strike
      if (!('endpoint' in fault) || fault.endpoint !== endpoint) continue
      strike.use()
      return fault
    }
    return undefined
  }

  /** The fault that strikes the next backend. */
  strikeBackend(): BackendFault | undefined {
    for (const strike of this.#active) {
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
