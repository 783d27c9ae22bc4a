import type { Platform } from '../../src/common/platform.ts'

/** The engines of the contract. Containers are run by the mock platform. */
export type EngineName = 'v1' | 'v2' | 'containers' | 'plane'

/**
 * An engine that the contract is checked against. It runs the conformance suite's backend, which tells what
 * reaches it.
 */
export interface Engine {
  /** A client of it. It is closed by `close`. */
  platform: Platform
  /** Another client, whose backends have a static token. It is closed by `close`. */
  withStaticToken: Platform
  /**
   * Another client, whose program is mock-platform's test/fixtures/warm.mjs: if the engine has warm pools, one
   * backend waits in one. It is closed by `close`.
   */
  withWarmPool: Platform
  /** A tag that runs the same program, and has no warm pool. */
  tag: string
  /** The shortest time in seconds after which it sweeps an idle backend. */
  shortestIdle: number
  /** Ends it and everything that it runs. */
  close(): Promise<void>
}
