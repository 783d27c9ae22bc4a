import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { isTerminal } from '@session-backend/core'
import { isForward } from '@session-backend/core/internal'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { type Backend, TERMINATE_LIMIT } from '../../src/backends/backend.ts'
import { Backends } from '../../src/backends/backends.ts'
import type { PlatformClock } from '../../src/clock.ts'
import { statusesOf } from '../../src/http/v1/statuses.ts'
import type { Services } from '../../src/services/services.ts'
import type { PlatformState } from '../../src/state/state-file.ts'

/** How long a backend may be idle, in ms. */
const GRACE_PERIOD = 60_000

/** One platform's machinery: what runs its backends, and what makes its state durable. */
export interface House {
  services: Services
  previous: PlatformState
  keep(current: () => PlatformState): () => Promise<void>
}

/** What differs between backends that are functions and backends that are processes. */
export interface Machine {
  /** Opens the house of a platform, once nothing is left of the one before. */
  open(): Promise<House>
  /** What a SIGKILL of the platform leads to: everything that it ran ends, and it never speaks again. */
  kill(house: House): Promise<void>
  /** Lets a backend that runs exit with 0 by itself. */
  exit(backend: Backend): void
  /** Lets some of what is under way happen. */
  wait(amount: number): Promise<void>
  /** How many backends, or parts of one, run. */
  running(): number
  /** What was seen that must never be, by the backends themselves. */
  readonly violations: string[]
}

/** A platform that is restarted now and then, with what has to hold of its locks at any moment. */
export class World {
  /** All backends that were ever granted a lock, in their order. */
  readonly granted: Backend[] = []
  readonly #newest = new Map<string, Backend>()
  /** Locks whose next backend ignores SIGTERM. */
  readonly #stubborn = new Set<string>()
  #highestToken = 0

  private constructor(
    private readonly machine: Machine,
    private house: House,
    private clock: PlatformClock,
    private backends: Backends,
  ) {}

  static async open(machine: Machine): Promise<World> {
    const house = await machine.open()
    const clock = new FakeClock(0)
    return new World(machine, house, clock, createBackends(house, clock))
  }

  /** Who the lock belongs to: the newest backend that was granted it, until that has ended. */
  owner(lock: string): Backend | undefined {
    const backend = this.#newest.get(lock)
    return backend && !isTerminal(backend.status) ? backend : undefined
  }

  spawn(lock: string): Backend {
    const owner = this.owner(lock)
    const env = { ...(this.#stubborn.has(lock) && { IGNORE_TERM: '1' }) }
    const { backend, spawned } = this.backends.spawn('doc', { lock, env })
    assert.equal(spawned, owner === undefined, 'spawned is true if and only if nobody held the lock')
    if (owner) assert.equal(backend, owner, 'a held lock gives its holder')
    else {
      const { fencingToken } = backend.options
      assert(fencingToken > this.#highestToken, 'each grant has a higher token')
      this.#highestToken = fencingToken
      this.#newest.set(lock, backend)
      this.granted.push(backend)
      this.#stubborn.delete(lock)
    }
    return backend
  }

  fetch(lock: string): void {
    assert.equal(this.backends.holder(lock), this.owner(lock))
  }

  exit(lock: string): void {
    const owner = this.owner(lock)
    if (owner) this.machine.exit(owner)
  }

  crash(lock: string): void {
    this.owner(lock)?.kill()
  }

  ignoreTerm(lock: string): void {
    this.#stubborn.add(lock)
  }

  terminate(lock: string): void {
    this.owner(lock)?.send({ type: 'terminate' })
  }

  sweep(): void {
    this.clock.advance(GRACE_PERIOD)
  }

  wait(amount: number): Promise<void> {
    return this.machine.wait(amount)
  }

  /** The platform is killed, and another begins, by a clock that may be behind. */
  async restart(now: number): Promise<void> {
    await this.machine.kill(this.house)
    this.#newest.clear()
    this.house = await this.machine.open()
    // A token that was never durable was never given to anything that runs: it may be given again.
    this.#highestToken = this.house.previous.fencingToken
    this.clock = new FakeClock(now)
    this.backends = createBackends(this.house, this.clock)
  }

  /** What has to hold after each step. */
  check(): void {
    assert.deepEqual(this.machine.violations, [])
    for (const lock of this.#newest.keys()) this.fetch(lock)
    for (const backend of this.granted) {
      const states = statusesOf(backend).values.map(({ state }) => state)
      for (const [i, state] of states.entries()) assert(isForward(states[i - 1], state), `${states}`)
    }
  }

  /** What has to hold in the end: nobody kept another lock from being used, and every lock becomes free. */
  async settle(): Promise<void> {
    const other = this.spawn('unused')
    while (other.status !== 'Ready') {
      assert(!isTerminal(other.status), `it became ${other.status}: ${other.log.lines.values}`)
      await this.wait(1)
    }
    const { live } = this.backends
    for (const backend of live) backend.send({ type: 'terminate' })
    this.clock.advance(TERMINATE_LIMIT)
    while (live.some(({ status }) => !isTerminal(status))) await this.wait(1)
    assert.equal(this.machine.running(), 0, 'nothing is left of what has ended')
    this.check()
    for (const lock of this.#newest.keys()) assert.equal(this.backends.holder(lock), undefined)
    await this.machine.kill(this.house)
  }
}

function createBackends({ services, previous, keep }: House, clock: PlatformClock): Backends {
  const save = keep(() => backends.state)
  const backends: Backends = new Backends({
    services,
    clock,
    gracePeriod: GRACE_PERIOD,
    startTimeout: 30_000,
    previous,
    onStatus: () => {},
    nextFault: () => undefined,
    save,
  })
  return backends
}

/** Some turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
