import type { Platform } from '../../src/common/platform.ts'

/**
 * An engine that the contract is checked against. It runs the conformance suite's backend, which tells what
 * reaches it.
 */
export interface Engine {
  /** A client of it. It is closed by `close`. */
  platform: Platform
  /** Whether it hands the grant's `user` and `auth` to the backend. */
  vouches: boolean
  /** Whether its API has logs. */
  hasLogs: boolean
  /** The shortest time in seconds after which it sweeps an idle backend. */
  shortestIdle: number
  /** Ends it and everything that it runs. */
  close(): Promise<void>
}
