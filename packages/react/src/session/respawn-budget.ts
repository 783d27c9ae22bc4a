import { type Clock, createBackoff } from '@session-backend/core'

/** How many replacements there may be within {@link WINDOW}. PROTOCOL.md: "Reaching the backend". */
const LIMIT = 3
/** In ms. */
const WINDOW = 60_000

/** Keeps a backend that ends again and again from being replaced for ever. */
export interface RespawnBudget {
  /** How long to wait before the next replacement, in ms, or `undefined` when nothing is left. */
  nextWait(): number | undefined
  /** Pays for a replacement that is made now. */
  spend(): void
}

/** At most 3 replacements in any 60 s: after 1, 2 and 4 s, each with half of it left to chance. */
export function createRespawnBudget(clock: Clock, random: () => number): RespawnBudget {
  const backoff = createBackoff({ initial: 1000, random })
  let spent: number[] = []
  return {
    nextWait() {
      const now = clock.now()
      spent = spent.filter((at) => now - at < WINDOW)
      if (spent.length === 0) backoff.reset()
      return spent.length < LIMIT ? backoff.next() : undefined
    },
    spend: () => void spent.push(clock.now()),
  }
}
