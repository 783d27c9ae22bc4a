import { join } from 'node:path'
import type { Clock } from '@session-backend/core'
import { createName } from '../secrets.ts'
import type { Services } from './services.ts'
import { WarmBackend } from './warm-backend.ts'

/** The pause after a failure, in ms: twice as long after each one more, up to the longest. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 30_000
/**
 * A place is filled again this long after it was left, in ms, and one at a time: sooner or all at once, that
 * would slow down the documents that are being opened.
 */
const REFILL_AFTER = 1_000

/** What a {@link WarmPool} needs. */
export interface WarmPoolOptions {
  service: string
  /** How many backends are to wait. */
  size: number
  services: Services
  clock: Clock
  /** How long a backend may take until it says that it is warm, in ms. */
  startTimeout: number
  /** Where the sockets are. */
  folder: string
}

/** How a {@link WarmPool} is doing. */
export interface WarmPoolState {
  /** How many backends are to wait. */
  wanted: number
  /** How many do. */
  warm: number
  /** How many start. */
  starting: number
  /** Why the last backend that failed did, until another is warm. */
  problem: string | null
}

interface PoolMember {
  isWarm: boolean
  cancelTimer: () => void
}

/** Backends of one service that were started before anybody asked for them. */
export class WarmPool {
  /** Those that start or wait. */
  readonly #members = new Map<WarmBackend, PoolMember>()
  /** Those that were given no document and have not ended. */
  readonly #running = new Set<WarmBackend>()
  readonly #closing = new AbortController()
  #failures = 0
  #cancelRefill: (() => void) | undefined
  #onEmpty = () => {}
  #problem: string | undefined

  constructor(private readonly options: WarmPoolOptions) {}

  /** Why the last backend that failed did, until another is warm. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** How many backends wait for a document. */
  get waiting(): number {
    return [...this.#members.values()].filter(({ isWarm }) => isWarm).length
  }

  get state(): WarmPoolState {
    const { waiting: warm, problem = null } = this
    return { wanted: this.options.size, warm, starting: this.#members.size - warm, problem }
  }

  /** Takes a backend that waits. Another takes its place soon. */
  take(): WarmBackend | undefined {
    for (const [backend, { isWarm }] of this.#members) {
      if (!isWarm) continue
      this.#members.delete(backend)
      this.#running.delete(backend)
      this.#failures = 0
      this.#refillAfter(REFILL_AFTER)
      return backend
    }
    return undefined
  }

  /** Starts as many as are missing, all at once. */
  fill(): void {
    this.#cancelRefill?.()
    this.#cancelRefill = undefined
    while (this.#isMissingOne) this.#start()
  }

  /** Ends those that wait, and starts others: the program has changed. */
  renew(): void {
    this.#discard()
    this.#failures = 0
    this.fill()
  }

  /** Ends those that wait. Resolves when nothing of them is left. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#cancelRefill?.()
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    this.#discard()
    if (this.#running.size > 0) await empty
  }

  get #isMissingOne(): boolean {
    return !this.#closing.signal.aborted && this.#members.size < this.options.size
  }

  /** Starts one that is missing, unless another one is starting. */
  #startNext(): void {
    if (this.#isMissingOne && this.state.starting === 0) this.#start()
  }

  #start(): void {
    const name = createName()
    const backend: WarmBackend = new WarmBackend(name, join(this.options.folder, name), {
      warmed: () => this.#warmed(backend),
      failed: (reason) => this.#failed(backend, reason),
      gone: () => this.#gone(backend),
    })
    const { clock, startTimeout } = this.options
    const cancelTimer = clock.after(startTimeout, () => {
      this.#failed(backend, 'did not say `Warmed` in time')
      backend.kill()
    })
    this.#members.set(backend, { isWarm: false, cancelTimer })
    this.#running.add(backend)
    void this.#launch(backend)
  }

  async #launch(backend: WarmBackend): Promise<void> {
    const { service, services } = this.options
    try {
      const run = await services.load(service, undefined, this.#closing.signal)
      await backend.start(run, { JAMSOCKET_SERVICE: service })
    } catch (error) {
      this.#failed(backend, `could not be started: ${error instanceof Error ? error.message : error}`)
      this.#gone(backend)
    }
  }

  #warmed(backend: WarmBackend): void {
    const member = this.#members.get(backend)
    if (!member) return
    member.isWarm = true
    member.cancelTimer()
    this.#problem = undefined
    this.#startNext()
  }

  #failed(backend: WarmBackend, reason: string): void {
    if (!this.#remove(backend)) return
    this.#problem = reason
    const pause = Math.min(FIRST_PAUSE * 2 ** this.#failures++, LONGEST_PAUSE)
    this.#refillAfter(pause)
  }

  #gone(backend: WarmBackend): void {
    this.#running.delete(backend)
    if (this.#running.size === 0) this.#onEmpty()
  }

  #refillAfter(ms: number): void {
    this.#cancelRefill ??= this.options.clock.after(ms, () => {
      this.#cancelRefill = undefined
      this.#startNext()
    })
  }

  #discard(): void {
    for (const backend of [...this.#members.keys()]) {
      this.#remove(backend)
      backend.kill()
    }
  }

  #remove(backend: WarmBackend): boolean {
    this.#members.get(backend)?.cancelTimer()
    return this.#members.delete(backend)
  }
}
