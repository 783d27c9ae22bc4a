import { type Clock, createBackoff } from '@session-backend/core'

/** How many replacements there may be within {@link WINDOW}. PROTOCOL.md: "Reaching the backend". */
const LIMIT = 3
/** In ms. */
const WINDOW = 60_000

/** Keeps a backend that crashes again and again from being replaced for ever. */
export interface RespawnBudget {
  /** Pays for one replacement: how long to wait before it, in ms, or `undefined` when nothing is left. */
  spend(): number | undefined
}

/** At most 3 replacements in any 60 s: after 1, 2 and 4 s, each with half of it left to chance. */
export function createRespawnBudget(clock: Clock, random: () => number): RespawnBudget {
  const backoff = createBackoff({ initial: 1000, random })
  let spent: number[] = []
  return {
    spend() {
      const now = clock.now()
      spent = spent.filter((at) => now - at < WINDOW)
      if (spent.length === 0) backoff.reset()
      return spent.push(now) > LIMIT ? undefined : backoff.next()
    },
  }
}
