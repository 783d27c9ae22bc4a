import { type Clock, isTerminal, SessionBackendError } from '@session-backend/core'
import { CONTROL_KEY_VARIABLE, type SpawnRequest } from '@session-backend/core/internal'
import type { BackendFault } from '../faults/faults.ts'
import type { LogLine, StatusReport } from '../options/options.ts'
import type { ProxyRoute, ProxyRoutes } from '../proxy/route.ts'
import { createName, createStaticToken, createToken, isSameSecret } from '../secrets.ts'
import type { Services } from '../services/services.ts'
import { WarmPools } from '../services/warm-pools.ts'
import type { PlatformState } from '../state/state-file.ts'
import { Backend, type Start } from './backend.ts'
import { faultyStart } from './faulty-start.ts'
import { LockTable, serviceKey, sharedLock } from './lock-table.ts'
import type { Opening } from './moments.ts'
import { Retries } from './retries.ts'
import { assignTo, environmentOf } from './start.ts'

/** Options of {@link Backends}. */
export interface BackendsOptions {
  services: Services
  /** Backends that were started in advance. Default: none. */
  warmPools?: WarmPools | undefined
  clock: Clock
  /** How long a backend may be idle if the request doesn't say, in ms. */
  gracePeriod: number
  /** How long a backend may take to listen, in ms. */
  startTimeout: number
  /** What the platform before this one left behind. */
  previous: PlatformState
  /** Returns the fault of the next spawned backend, if there is one. */
  nextFault: () => BackendFault | undefined
  /** Called with each status that a backend reaches. */
  onStatus: (report: StatusReport) => void
  /** Called for each line that a backend prints. */
  onLog?: ((line: LogLine) => void) | undefined
  /** Makes the {@link Backends.state} durable. */
  save: () => Promise<void>
}

/** The part of a spawn that is not in the body of v1. */
export interface MoreSpawnOptions {
  /** Whether the lock is the service's own key, as in v2. Default false. */
  ownKey?: boolean
  opening?: Opening | undefined
  /** How long the backend may live, in seconds. Default: for ever. */
  lifetimeSeconds?: number | undefined
}

/** How long {@link Backends.open} waits for a backend of a warm pool to be Ready, in ms. */
const WARM_LIMIT = 500

/** How many backends that have ended are remembered. */
const MAX_ENDED = 1_000

/** All backends of the account. */
export class Backends implements ProxyRoutes {
  /** Backends that have failed. */
  readonly retries = new Retries()
  readonly #byName = new Map<string, Backend>()
  readonly #locks: LockTable<Backend>
  readonly #ended: string[] = []
  readonly #warmPools: WarmPools
  #closed = false

  constructor(private readonly options: BackendsOptions) {
    const { previous, clock, warmPools = new WarmPools() } = options
    this.#warmPools = warmPools
    // Tokens rise even without a state file, as long as the machine's clock does.
    this.#locks = new LockTable(Math.max(previous.fencingToken, clock.now()))
    for (const name of previous.running) {
      const lost = this.#create({ name, service: '', lock: undefined, holds: undefined, fencingToken: 0 })
      lost.send({ type: 'lost' })
    }
  }

  /** What the next platform has to know of this one. */
  get state(): PlatformState {
    return { fencingToken: this.#locks.lastToken, running: this.live.map(({ name }) => name) }
  }

  get all(): Backend[] {
    return [...this.#byName.values()]
  }

  get live(): Backend[] {
    return this.all.filter(({ status }) => !isTerminal(status))
  }

  get(name: string): Backend | undefined {
    return this.#byName.get(name)
  }

  /** The backend of that name. Throws `not_found` if there is no such backend. */
  existing(name = ''): Backend {
    const backend = this.#byName.get(name)
    if (!backend) throw new SessionBackendError('not_found', 'There is no such backend.')
    return backend
  }

  /** The backend that a name and a secret in its URLs belong to, also when it has ended. */
  findByToken(name: string, token: string): Backend | undefined {
    return this.#routeOf(name, token) && this.#byName.get(name)
  }

  /** The route of a connection URL. */
  find(name: string, token: string): ProxyRoute | undefined {
    const route = this.#routeOf(name, token)
    return route?.ended.aborted ? undefined : route
  }

  /** The secret is the one that all users share, or one user's own. */
  #routeOf(name: string, token: string): ProxyRoute | undefined {
    const backend = this.#byName.get(name)
    if (!backend) return undefined
    return isSameSecret(backend.token, token) ? backend : backend.userTokens.find(token)
  }

  /** The backend that holds a lock, of any service. */
  holder(lock: string): Backend | undefined {
    return this.#locks.holder(sharedLock(lock))
  }

  /** The backend that holds a service's own key. */
  keyHolder(service: string, key: string): Backend | undefined {
    return this.#locks.holder(serviceKey(service, key))
  }

  /** Spawns a backend, or returns the one that holds the lock. Specification: "Spawn a backend". */
  spawn(
    service: string,
    request: SpawnRequest,
    { ownKey = false, lifetimeSeconds, opening }: MoreSpawnOptions = {},
  ): { backend: Backend; spawned: boolean; isWarm: boolean } {
    if (this.#closed) throw new SessionBackendError('platform_busy', 'The platform is shutting down.')
    const { lock, tag, env = {}, grace_period_seconds: grace } = request
    const { use_static_token: hasStaticToken = this.options.services.hasStaticToken(service) } = request
    const holds = lock === undefined ? undefined : ownKey ? serviceKey(service, lock) : sharedLock(lock)
    const holder = holds === undefined ? undefined : this.#locks.holder(holds)
    if (holder) return { backend: holder, spawned: false, isWarm: false }

    const fencingToken = this.#locks.nextToken()
    const { warm, cold } = this.#warmPools.take(service, request)
    const backend = this.#create({
      ...{ name: warm?.name ?? createName(), service, tag, lock, holds, hasStaticToken, perUser: ownKey },
      fencingToken,
      controlKey: env[CONTROL_KEY_VARIABLE],
      opening,
      gracePeriod: grace === undefined ? this.options.gracePeriod : grace * 1000,
      lifetime: lifetimeSeconds === undefined ? undefined : lifetimeSeconds * 1000,
    })
    if (holds !== undefined) this.#locks.grant(holds, backend)
    this.retries.add(backend, () => this.spawn(service, request, { ownKey, lifetimeSeconds }).backend)
    if (cold !== undefined) backend.log.write(`${cold}\n`, 'platform')
    const loadWarm = warm && assignTo(warm, backend, env)
    const start: Start = {
      load: async (stopping) => {
        if (loadWarm) return loadWarm
        const run = await this.options.services.load(service, tag, stopping)
        return (observer) => run(environmentOf(backend, env), observer)
      },
      commit: this.options.save,
    }
    const fault = this.options.nextFault()
    void backend.start(fault ? faultyStart(start, fault, backend) : start)
    return { backend, spawned: true, isWarm: warm !== undefined }
  }

  /**
   * As {@link spawn}. A backend from a warm pool is Ready within milliseconds, so it is waited for, up to 500 ms: a page whose
   * session is Ready connects at once, and one whose session isn't needs a status stream first.
   */
  async open(...spawn: Parameters<Backends['spawn']>): Promise<{ backend: Backend; spawned: boolean }> {
    const { isWarm, ...opened } = this.spawn(...spawn)
    if (isWarm) await opened.backend.whenReady(AbortSignal.timeout(WARM_LIMIT)).catch(() => {})
    return opened
  }

  /** Ends the backends of a service gracefully. Opened again, they are new. */
  restart(service: string): void {
    this.#warmPools.renew(service)
    for (const backend of this.live) {
      if (backend.options.service === service) backend.send({ type: 'terminate' })
    }
  }

  /** Ends all backends: those that do not by themselves within `limit` ms of real time are killed. */
  async close(limit: number): Promise<void> {
    this.#closed = true
    const { live } = this
    const ended = live.map(
      ({ ended }) => new Promise((done) => ended.addEventListener('abort', done, { once: true })),
    )
    for (const backend of live) backend.send({ type: 'terminate' })
    const timer = setTimeout(() => {
      for (const backend of live) backend.kill()
    }, limit)
    await Promise.all(ended)
    clearTimeout(timer)
  }

  #create(identity: {
    name: string
    service: string
    lock: string | undefined
    holds: string | undefined
    fencingToken: number
    controlKey?: string | undefined
    opening?: Opening | undefined
    gracePeriod?: number
    lifetime?: number | undefined
    hasStaticToken?: boolean
    perUser?: boolean
  }): Backend {
    const { clock, gracePeriod, startTimeout, onStatus, onLog } = this.options
    const { name, service, lock } = identity
    const backend: Backend = new Backend({
      gracePeriod,
      ...identity,
      token: identity.hasStaticToken ? createStaticToken(identity.name) : createToken(),
      clock,
      startTimeout,
      onEnded: () => this.#retire(backend),
      onStatus: (state, details) => onStatus({ ...state, ...details, name, service, lock }),
    })
    if (onLog) backend.log.lines.read((line) => onLog({ name, service, lock, line }))
    this.#byName.set(backend.name, backend)
    return backend
  }

  #retire(backend: Backend): void {
    const { holds } = backend.options
    if (holds !== undefined) this.#locks.release(holds, backend)
    this.#ended.push(backend.name)
    const forgotten = this.#ended.length > MAX_ENDED ? this.#ended.shift() : undefined
    if (forgotten !== undefined) this.#byName.delete(forgotten)
    // If this is never written, the next platform calls the backend lost, which does no harm.
    this.options.save().catch(() => {})
  }
}
