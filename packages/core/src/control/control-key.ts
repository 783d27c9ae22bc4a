/** Where a backend finds its control key. PROTOCOL.md: "The key". */
export const CONTROL_KEY_VARIABLE = 'SESSION_BACKEND_CONTROL_KEY'

/** What a control key is derived for. */
export function controlKeyInfo(lock: string): string {
  return `session-backend control/${lock}`
}

/** How much a signed time may differ from the clock of the checker, in ms. */
const MAX_DIFFERENCE = 60_000

/** Whether a time that was signed is still, or already, taken. Both in ms since the epoch. */
export function isCurrent(time: number, now: number): boolean {
  return Math.abs(now - time) <= MAX_DIFFERENCE
}

/** Until when {@link isCurrent} may be true for a time. */
export function lastCurrent(time: number): number {
  return time + MAX_DIFFERENCE
}
