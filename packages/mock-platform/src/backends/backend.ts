import { type BackendStatus, isTerminal } from '@session-backend/core'
import type { Address } from '../address.ts'
import { Feed } from '../feed.ts'
import type { BackendExit } from '../options/options.ts'
import type { ProxyRoute } from '../proxy/route.ts'
import type { Instance, Observer } from '../runtime/runtime.ts'
import type { BackendOptions } from './backend-options.ts'
import { BORN, type Lifecycle, type LifecycleEvent, next, type Step, timeAfter } from './lifecycle.ts'
import { Log } from './log.ts'
import { Moments } from './moments.ts'
import { Readiness } from './readiness.ts'
import { reasonOf } from './reason.ts'
import { Sweeper } from './sweeper.ts'
import { UserTokens } from './user-tokens.ts'

/** How a backend comes to run. */
export interface Start {
  /** Finds its program, and resolves to a function that starts it. A rejection is ErrorLoading. */
  load(signal: AbortSignal): Promise<(observer: Observer) => Instance>
  /**
   * Resolves once its fencing token is durable, so that no other backend can get it. A rejection is
   * ErrorStarting.
   */
  commit(): Promise<void>
}

/** From Starting, a backend must have been launched within this time, in ms: its lock is held until then. */
const LAUNCH_LIMIT = 10_000
/** How long a backend may take to end by itself, in ms. */
export const TERMINATE_LIMIT = 10_000

/** One backend: its status and history, its log, its connections, and what runs for it. */
export class Backend implements ProxyRoute {
  /** Its life so far. Each version of the API has its own words for it. */
  readonly steps = new Feed<Step>()
  readonly log = new Log()
  readonly verifiedHeaders = {}
  readonly userTokens = new UserTokens(this)
  readonly moments: Moments
  #life: Lifecycle = BORN
  #instance: Instance | undefined
  #address: Address | undefined
  #cancelTimer = () => {}
  #killed = false
  #reason: string | undefined
  #exit: BackendExit | undefined
  readonly #sweeper: Sweeper
  readonly #ended = new AbortController()
  readonly #stopping = new AbortController()
  readonly #readiness = new Readiness()

  constructor(readonly options: BackendOptions) {
    const { clock, gracePeriod, lifetime } = options
    this.moments = new Moments(clock)
    this.#sweeper = new Sweeper({ clock, gracePeriod, onIdle: () => this.send({ type: 'idle' }) })
    this.#record()
    this.#tell()
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

  /** Why it has failed, and what to do next. Undefined if it runs, or has ended without a failure. */
  get reason(): string | undefined {
    return isTerminal(this.status) ? this.#reason : undefined
  }

  /** When it was created, in RFC 3339. */
  get createdAt(): string {
    return this.steps.after(0)?.value.time ?? ''
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
    this.moments.connect()
    return this.#sweeper.enter()
  }

  spoke(): void {
    this.moments.speak()
  }

  whenReady(signal: AbortSignal): Promise<Address> {
    return this.#readiness.wait(signal)
  }

  /** Starts it. Its statuses show what happens then. */
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

  /** Kills it. */
  kill(): void {
    if (!this.#killed) {
      this.#killed = true
      this.#record()
    }
    this.#instance?.kill()
  }

  /** Passes it an event of its life. */
  send(event: LifecycleEvent): void {
    const before = this.#life
    const after = next(before, event)
    if (after === before) return
    this.#life = after
    if (after.status !== before.status) this.#enterStatus(after.status)
    else this.#record()
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
    this.#record()
    this.#tell()
    if (status === 'Ready' && this.#address) this.#readiness.ready(this.#address)
    if (isTerminal(status)) {
      this.#readiness.end()
      this.steps.end()
      this.#ended.abort()
    }
  }

  #stop(): void {
    this.#cancelTimer()
    this.#sweeper.stop()
    this.#stopping.abort()
    // Nothing was started yet, and nothing will be from now on.
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
      exited: (code, signal = null) => {
        this.#exit = { code, signal }
        this.send({ type: 'exited', code, signal })
      },
      gone: () => this.send({ type: 'gone' }),
    }
  }

  /** Adds its current status to its history. */
  #record(): void {
    const time = timeAfter(this.steps.last, this.options.clock.now())
    this.steps.push({ ...this.#life, killed: this.#killed, time })
  }

  /** Reports the status that it has just reached. */
  #tell(): void {
    const { status: state, name, reason } = this
    const time = this.steps.last?.time ?? ''
    const failure = reason !== undefined && { reason, stderr: this.log.stderr }
    this.options.onStatus({ state, time, backend: name }, { ...failure, exit: this.#exit })
  }
}
