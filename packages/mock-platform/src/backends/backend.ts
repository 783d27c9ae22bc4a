import {
  type BackendState,
  type BackendStatus,
  type Clock,
  isTerminal,
  SessionBackendError,
} from '@session-backend/core'
import type { V2State } from '@session-backend/core/internal'
import type { Address } from '../address.ts'
import { toHardTerminating, toV2States } from '../http/v2/vocabulary.ts'
import type { ProxyRoute } from '../proxy/route.ts'
import type { Instance, Observer } from '../runtime/runtime.ts'
import { Feed } from './feed.ts'
import { BORN, type Lifecycle, type LifecycleEvent, next } from './lifecycle.ts'
import { Log } from './log.ts'
import { reasonOf } from './reason.ts'
import { Sweeper } from './sweeper.ts'
import { UserTokens } from './user-tokens.ts'

/** Who a backend is, and how long it may take. */
export interface BackendOptions {
  name: string
  /** The secret in the connection URL that all its users share. */
  token: string
  /** Whether it was started by v2, where each user has a connection URL with a token of their own. */
  perUser?: boolean
  service: string
  /** The lock, or in the newer API the key. */
  lock: string | undefined
  /** Under which name its lock is held. */
  holds: string | undefined
  fencingToken: number
  clock: Clock
  /** How long it may be idle, in ms. */
  gracePeriod: number
  /** How long it may live, in ms. Default: for ever. */
  lifetime?: number | undefined
  /** How long it may take from Starting to Ready, in ms. */
  startTimeout: number
  /** Called when it has ended, and before anybody else is told. */
  onEnded: () => void
  /** Told of each status that it reaches, and why it has failed. */
  onStatus: (state: BackendState, failure: Failure | undefined) => void
}

/** Why a backend has failed. */
export interface Failure {
  /** What happened, and what to do next. */
  reason: string
  /** The last lines that it wrote to stderr. */
  stderr: readonly string[]
}

/** How a backend comes to run. */
export interface Start {
  /** Finds what it runs; a rejection is ErrorLoading. What it resolves to runs it, and returns at once. */
  load(signal: AbortSignal): Promise<(observer: Observer) => Instance>
  /** Resolves when it may run: its fencing token cannot be given again. A rejection is ErrorStarting. */
  commit(): Promise<void>
}

/** From Starting, a backend must have been launched within this time, in ms: its lock is held meanwhile. */
const LAUNCH_LIMIT = 10_000
/** How long a backend may take to end by itself, in ms. */
export const TERMINATE_LIMIT = 10_000

/** One backend: its status and history, its log, its connections, and what runs for it. */
export class Backend implements ProxyRoute {
  readonly statuses = new Feed<BackendState>()
  /** The same, in the newer API's words. */
  readonly v2States = new Feed<V2State>()
  readonly log = new Log()
  readonly verifiedHeaders = {}
  readonly userTokens = new UserTokens(this)
  #life: Lifecycle = BORN
  #current: BackendState
  #instance: Instance | undefined
  #address: Address | undefined
  #cancelTimer = () => {}
  #killed = false
  #reason: string | undefined
  readonly #sweeper: Sweeper
  readonly #ended = new AbortController()
  readonly #stopping = new AbortController()
  readonly #waiting = new Set<() => void>()

  constructor(readonly options: BackendOptions) {
    const { clock, gracePeriod, lifetime } = options
    this.#sweeper = new Sweeper({ clock, gracePeriod, onIdle: () => this.send({ type: 'idle' }) })
    this.#current = this.#record(BORN.status)
    this.#recordV2(undefined, BORN)
    if (lifetime !== undefined) {
      this.ended.addEventListener(
        'abort',
        clock.after(lifetime, () => this.send({ type: 'expired' })),
      )
    }
  }

  get name(): string {
    return this.options.name
  }

  get token(): string {
    return this.options.token
  }

  get lock(): string | undefined {
    return this.options.lock
  }

  get status(): BackendStatus {
    return this.#life.status
  }

  /** Its status, and when it reached it. */
  get current(): BackendState {
    return this.#current
  }

  /** How many connections to it are open. */
  get connections(): number {
    return this.#sweeper.connections
  }

  /** Aborts when it has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  enter(): () => void {
    return this.#sweeper.enter()
  }

  whenReady(signal: AbortSignal): Promise<Address> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (signal.aborted) reject(signal.reason)
        else if (isTerminal(this.status)) reject(new SessionBackendError('gone', 'The backend has ended.'))
        else if (this.#address && this.status === 'Ready') resolve(this.#address)
        else return
        this.#waiting.delete(settle)
        signal.removeEventListener('abort', settle)
      }
      this.#waiting.add(settle)
      signal.addEventListener('abort', settle, { once: true })
      settle()
    })
  }

  /** Starts it. What happens from then on shows as statuses. */
  async start({ load, commit }: Start): Promise<void> {
    const stopping = this.#stopping.signal
    try {
      const run = await load(stopping)
      if (stopping.aborted) return
      this.send({ type: 'loaded' })
      this.#setTimer(LAUNCH_LIMIT, { type: 'start-failed' })
      await commit()
      if (stopping.aborted) return
      this.#instance = run(this.#observer())
    } catch (error) {
      if (!stopping.aborted) this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  /** Ends it by force, without waiting any longer. */
  kill(): void {
    if (!this.#killed) this.#pushV2(toHardTerminating(this.#life, ''))
    this.#killed = true
    this.#instance?.kill()
  }

  /** Tells it that something has happened. */
  send(event: LifecycleEvent): void {
    const before = this.#life
    const after = next(before, event)
    this.#life = after
    this.#recordV2(before, after)
    if (after.status !== before.status) this.#enterStatus(after.status)
    if (after.outcome && !before.outcome) {
      this.#reason = reasonOf(event, before, this.options.startTimeout)
      this.#stop()
    }
  }

  #enterStatus(status: BackendStatus): void {
    if (status === 'Ready') {
      this.#cancelTimer()
      this.#sweeper.start()
    }
    if (isTerminal(status)) {
      this.#cancelTimer()
      this.#sweeper.stop()
      this.log.end()
      this.options.onEnded()
    }
    this.#record(status)
    for (const settle of [...this.#waiting]) settle()
    if (isTerminal(status)) {
      this.statuses.end()
      this.v2States.end()
      this.#ended.abort()
    }
  }

  #stop(): void {
    this.#cancelTimer()
    this.#sweeper.stop()
    this.#stopping.abort()
    // Nothing was started yet, and from now on nothing will be.
    if (!this.#instance) {
      this.send({ type: 'gone' })
      return
    }
    this.#cancelTimer = this.options.clock.after(TERMINATE_LIMIT, () => this.kill())
    this.#instance.terminate()
  }

  #fail(reason: string): void {
    this.log.write(`${reason}\n`, 'platform')
    this.send({ type: this.status === 'Loading' ? 'load-failed' : 'start-failed', reason })
  }

  #setTimer(ms: number, event: LifecycleEvent): void {
    this.#cancelTimer()
    this.#cancelTimer = this.options.clock.after(ms, () => this.send(event))
  }

  #observer(): Observer {
    return {
      launched: () => {
        if (this.#stopping.signal.aborted || this.status !== 'Starting') return
        this.#setTimer(this.options.startTimeout, { type: 'start-timed-out' })
      },
      failed: (reason) => this.#fail(reason),
      output: (text, source) => this.log.write(text, source),
      listening: (address) => {
        this.#address = address
        this.send({ type: 'listening' })
      },
      exited: (code, signal) => this.send({ type: 'exited', code, signal }),
      gone: () => this.send({ type: 'gone' }),
    }
  }

  /**
   * The time of a status that comes after `last`. It is later than that, be it by a millisecond: the official command line
   * sorts statuses by their times.
   */
  #timeAfter(last: { time: string } | undefined): string {
    const earliest = last === undefined ? 0 : Date.parse(last.time) + 1
    return new Date(Math.max(this.options.clock.now(), earliest)).toISOString()
  }

  #pushV2(states: V2State[]): void {
    for (const state of states) this.v2States.push({ ...state, time: this.#timeAfter(this.v2States.last) })
  }

  #recordV2(before: Lifecycle | undefined, after: Lifecycle): void {
    this.#pushV2(toV2States(before, after, { time: '', killed: this.#killed }))
  }

  #record(state: BackendStatus): BackendState {
    this.#current = { state, time: this.#timeAfter(this.statuses.last), backend: this.name }
    this.statuses.push(this.#current)
    const failed = this.#reason !== undefined && isTerminal(state)
    this.options.onStatus(
      this.#current,
      failed ? { reason: this.#reason ?? '', stderr: this.log.stderr } : undefined,
    )
    return this.#current
  }
}
