/**
 * Browsers keep six HTTP/1.1 connections to a host open, for all tabs together. Streams take three of them,
 * so that three are left to other requests.
 */
const SLOTS = 3

/**
 * How many streams this page has open. Counted only without Web Locks, for example in pages without HTTPS.
 */
let taken = 0

/**
 * Takes one of the few connections that status streams may hold in all tabs of an app, until `signal` aborts.
 * Resolves to `false` if none is free.
 */
export async function takeStreamSlot(signal: AbortSignal): Promise<boolean> {
  const locks = globalThis.navigator?.locks
  if (!globalThis.document) return true
  if (!locks) {
    if (taken >= SLOTS) return false
    taken++
    signal.addEventListener('abort', () => taken--)
    return true
  }
  for (let slot = 0; slot < SLOTS; slot++) {
    const isTaken = await new Promise<boolean>((resolve, reject) => {
      locks
        .request(`session-backend-stream-${slot}`, { ifAvailable: true }, (lock) => {
          resolve(lock !== null)
          if (!lock || signal.aborted) return
          return new Promise<void>((release) => signal.addEventListener('abort', () => release()))
        })
        .catch(reject)
    })
    if (isTaken) return true
  }
  return false
}
