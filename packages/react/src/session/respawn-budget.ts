import type { Clock } from '@session-backend/core'
import { createBackoff, sleep } from '@session-backend/core/internal'

/** How many respawns there may be within {@link WINDOW}. PROTOCOL.md: "Reaching the backend". */
const LIMIT = 3
/** In ms. */
const WINDOW = 60_000
/** How many backends may end in a row without a connection in between. */
const ENDS_IN_A_ROW = 3

/** Keeps a backend that ends again and again from being respawned for ever. */
export interface RespawnBudget {
  /**
   * Counts the end of a backend. Returns how long to wait before a respawn, in ms, or `undefined` if none is
   * left.
   */
  payRespawn(): number | undefined
  /** There is a connection: ends before it no longer count as a row. */
  connected(): void
}

/** At most 3 respawns in any 60 s: after 1, 2 and 4 s, each with half of it left to chance. */
export function createRespawnBudget(clock: Clock, random: () => number, signal: AbortSignal): RespawnBudget {
  const backoff = createBackoff({ initial: 1000, random })
  let spent = 0
  let endsInARow = 0
  return {
    payRespawn() {
      if (++endsInARow === ENDS_IN_A_ROW || spent === LIMIT) return undefined
      if (spent++ === 0) backoff.reset()
      // A timer, since the machine's clock may be set back.
      sleep(clock, WINDOW, signal).then(
        () => spent--,
        () => {},
      )
      return backoff.next()
    },
    connected() {
      endsInARow = 0
    },
  }
}
