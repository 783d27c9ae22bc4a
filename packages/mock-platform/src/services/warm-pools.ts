import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@session-backend/core'
import type { SpawnRequest } from '@session-backend/core/internal'
import type { MockPlatformOptions } from '../options/options.ts'
import type { Guardian } from '../runtime/guardian.ts'
import type { Services } from './services.ts'
import type { WarmBackend } from './warm-backend.ts'
import { WarmPool, type WarmPoolState } from './warm-pool.ts'

/** Variables that a program, its runtime or its libraries read once, when it starts. */
const READ_AT_START =
  /^(?:PATH|TZ|LANG|LC_\w+|LD_\w+|DYLD_\w+|NODE_\w+|UV_\w+|PYTHON\w+|RUBYOPT|PERL5\w+|JAVA_TOOL_OPTIONS)$/

/** What a spawn request gets of the pools. */
export interface Taken {
  warm?: WarmBackend
  /** Why it starts cold although its service has a pool, for its log. */
  cold?: string
}

/** Creates the pools of the services that have one. No backend is started before {@link WarmPools.fill}. */
export async function openWarmPools(
  { services: options = {}, startTimeoutSeconds = 30 }: MockPlatformOptions,
  { guardian, ...rest }: { services: Services; clock: Clock; guardian: Guardian },
): Promise<WarmPools> {
  const sizes = Object.entries(options).flatMap(([service, { warm = 0 }]) =>
    warm > 0 ? [{ service, size: warm }] : [],
  )
  if (sizes.length === 0) return new WarmPools()
  // Nobody else may speak to the backends. The path of a socket has at most 107 characters.
  const folder = await mkdtemp(join(tmpdir(), 'session-backend-warm-'))
  await guardian.discard(folder)
  const startTimeout = startTimeoutSeconds * 1000
  const pools = new Map(
    sizes.map(({ service, size }) => [
      service,
      new WarmPool({ service, size, startTimeout, folder, ...rest }),
    ]),
  )
  return new WarmPools(pools, folder)
}

/** The warm pools of all services. */
export class WarmPools {
  constructor(
    private readonly pools: ReadonlyMap<string, WarmPool> = new Map(),
    private readonly folder?: string,
  ) {}

  /** Starts the first backends. */
  fill(): void {
    for (const pool of this.pools.values()) pool.fill()
  }

  /** Takes a backend for a spawn request, if one waits that can serve it. */
  take(service: string, { tag, env = {} }: SpawnRequest): Taken {
    const pool = this.pools.get(service)
    if (!pool) return this.pools.size > 0 ? startedCold(`the service ${service} has no warm pool`) : {}
    const fixed = Object.keys(env).find((name) => READ_AT_START.test(name))
    if (tag !== undefined)
      return startedCold(`the warm pool of ${service} serves spawn requests without a tag`)
    if (fixed !== undefined) return startedCold(`${fixed} is read when a program starts`)
    const warm = pool.take()
    if (warm) return { warm }
    const { problem } = pool
    return startedCold(
      problem === undefined
        ? 'no warm backend was waiting'
        : `no warm backend was waiting, the last one ${problem}`,
    )
  }

  /** How many backends of a service wait for a document. */
  waiting(service: string): number {
    return this.pools.get(service)?.waiting ?? 0
  }

  /** How the pool of a service is doing, if it has one. */
  state(service: string): WarmPoolState | undefined {
    return this.pools.get(service)?.state
  }

  /** Ends the backends of a service that wait, and starts others: its program has changed. */
  renew(service: string): void {
    this.pools.get(service)?.renew()
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.pools.values(), (pool) => pool.close()))
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true })
  }
}

function startedCold(why: string): Taken {
  return { cold: `This backend was started cold: ${why}.` }
}
