import { setTimeout as delay } from 'node:timers/promises'
import { TERMINATE_LIMIT } from '../../backends/backend.ts'
import type { StatusReport } from '../../options/options.ts'
import { send } from '../../runtime/process-tree.ts'
import { within } from './deadline.ts'
import { Finding } from './finding.ts'
import { howItEnded, type Life } from './life.ts'
import { Processes } from './processes.ts'

/** How much longer than it may take the platform is waited for, in ms: this machine may be busy. */
const SLACK = 10_000
/** How long after a connection was lost the end of its backend may be noticed, in ms. */
const END_IS_SEEN = 500

/** What a {@link BackendInLab} is made from. */
export interface BackendParts {
  name: string
  /** Its connection URL with the path of `--path`. */
  url: URL
  life: Life
  /** The process that was started, and the port that it was given. */
  process: { pid: number; port: number }
  /** How long it took until it was Ready, in ms. */
  readyAfter: number
  /** Asks the platform to end it. */
  requestEnd: () => Promise<void>
  signal: AbortSignal
}

/** How a backend has ended. */
export interface End extends StatusReport {
  /** How long it took, in ms. */
  took: number
}

/** A backend that a check has started. */
export class BackendInLab {
  readonly processes: Processes

  constructor(private readonly parts: BackendParts) {
    this.processes = new Processes(parts.name, parts.process.pid)
  }

  /** Where pages reach it, as `http:`. */
  get url(): string {
    return this.parts.url.href
  }

  /** The same as `ws:`. */
  get webSocketUrl(): string {
    return this.url.replace(/^http/, 'ws')
  }

  get port(): number {
    return this.parts.process.port
  }

  get readyAfter(): number {
    return this.parts.readyAfter
  }

  /** How it has ended, if it has. */
  get end(): StatusReport | undefined {
    return this.parts.life.end
  }

  /** Throws how it has ended, if it has, or the error: what is behind a connection that failed. */
  async endOr(error: unknown): Promise<never> {
    const { life, signal } = this.parts
    await Promise.race([life.ended, delay(END_IS_SEEN, undefined, { signal })])
    this.throwIfEnded()
    throw error
  }

  /** Throws if it has ended. */
  throwIfEnded(): void {
    const { end } = this.parts.life
    if (end)
      throw new Finding(
        howItEnded(end),
        'Its log says why. An error in one connection must not end the process.',
      )
  }

  /** Has the platform end it, as for a roll-out or a sweep: by SIGTERM, and by SIGKILL after 10 s. */
  async stop(): Promise<End> {
    const since = performance.now()
    await this.parts.requestEnd()
    return this.#whenEnded(since)
  }

  /** Kills it, as a machine that is lost does. */
  kill(): Promise<End> {
    const since = performance.now()
    send(-this.parts.process.pid, 'SIGKILL')
    return this.#whenEnded(since)
  }

  async #whenEnded(since: number): Promise<End> {
    const { life, signal } = this.parts
    const late = () =>
      new Finding(
        'It did not end, not even by SIGKILL.',
        'Look for processes in uninterruptible waits, such as of a network file system.',
      )
    const report = await within(life.ended, TERMINATE_LIMIT + SLACK, signal, late)
    return { ...report, took: performance.now() - since }
  }
}
