import { type BackendState, type Session, SessionBackendError } from '@session-backend/core'
import type { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { type FakePlatform, fakePlatform, sessionOf, stateAt } from './fake-platform.ts'

/** What becomes of a request to spawn, and of its answer. */
export const SPAWN_FATES = [
  'answered',
  'answered late',
  'answer lost',
  'answered 502 though carried out',
  'carried out late, answer lost',
  'request lost',
  'answered 502',
  'refused',
  'answer repeated',
] as const
export type SpawnFate = (typeof SPAWN_FATES)[number]

/** What becomes of a request to find a lock's backend, or of one stream of statuses. */
export const LOOK_FATES = ['answered', 'answered 502', 'answer lost', 'refused', 'ended early'] as const
export type LookFate = (typeof LOOK_FATES)[number]

interface Backend {
  name: string
  lock: string
  ended: boolean
}

const failureOf = (fate: string) => {
  if (fate.includes('lost')) return new SessionBackendError('platform_timeout', 'No answer.')
  const status = fate.includes('502') ? 502 : 403
  return new SessionBackendError('platform_error', 'An error.', { cause: { status } })
}

/** A platform whose locks hold, and whose answers may come to any harm. */
export class UnreliablePlatform {
  readonly platform: FakePlatform
  spawnFate: SpawnFate = 'answered'
  fetchFate: LookFate = 'answered'
  streamFate: LookFate = 'answered'
  readonly #backends: Backend[] = []
  readonly #waiting = new Set<() => void>()

  constructor(
    private readonly clock: FakeClock,
    sharesSessions: boolean,
  ) {
    this.platform = fakePlatform({
      sharesSessions,
      spawn: ({ lock }) => this.#spawn(lock),
      fetch: async ({ lock }) => {
        if (this.fetchFate !== 'answered') throw failureOf(this.fetchFate)
        const backend = this.#holder(lock)
        if (!backend) throw new SessionBackendError('not_running', 'No backend holds this lock.')
        return sessionOf(backend.name, { spawned: false })
      },
      statusStream: (name, { signal } = {}) => this.#statuses(name, signal),
    })
  }

  get running(): number {
    return this.#backends.filter(({ ended }) => !ended).length
  }

  end(lock: string): void {
    const backend = this.#holder(lock)
    if (backend) backend.ended = true
    this.wake()
  }

  endAll(): void {
    for (const backend of this.#backends) backend.ended = true
    this.wake()
  }

  /** Lets streams that are open see how they fare. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  #holder(lock: string): Backend | undefined {
    return this.#backends.find((backend) => backend.lock === lock && !backend.ended)
  }

  async #spawn(lock: string): Promise<Session> {
    const fate = this.spawnFate
    if (fate === 'carried out late, answer lost') this.clock.after(8_000, () => this.#carryOut(lock))
    if (fate === 'carried out late, answer lost' || /^(request lost|answered 502|refused)$/.test(fate)) {
      throw failureOf(fate)
    }
    const { name, spawned } = this.#carryOut(lock)
    if (fate === 'answer lost' || fate === 'answered 502 though carried out') throw failureOf(fate)
    if (fate === 'answered late') await new Promise<void>((resolve) => this.clock.after(5_000, resolve))
    return sessionOf(name, { spawned: spawned || fate === 'answer repeated' })
  }

  #carryOut(lock: string): { name: string; spawned: boolean } {
    const holder = this.#holder(lock)
    if (holder) return { name: holder.name, spawned: false }
    const backend = { name: `b${this.#backends.length + 1}`, lock, ended: false }
    this.#backends.push(backend)
    return { name: backend.name, spawned: true }
  }

  async *#statuses(name: string, signal?: AbortSignal): AsyncGenerator<BackendState, void, void> {
    yield stateAt('Ready', 0)
    while (!this.#backends.find((backend) => backend.name === name)?.ended) {
      if (this.streamFate === 'ended early') return
      if (this.streamFate !== 'answered') throw failureOf(this.streamFate)
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
      if (signal?.aborted) throw signal.reason
    }
    yield stateAt('Exited', 1)
  }
}
