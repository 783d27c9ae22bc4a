import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** How many of each kind of resource this process holds: file descriptors, and what keeps its event loop busy. */
export type Resources = ReadonlyMap<string, number>

/** What this process holds now. */
export function openResources(): Resources {
  const counts = new Map([['file descriptors', readdirSync('/proc/self/fd').length]])
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** Waits until this process holds no more of anything than it did before; it may hold less by then. */
export async function released(before: Resources): Promise<void> {
  const deadline = performance.now() + 10_000
  for (;;) {
    const more = [...openResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0))
    if (more.length === 0) return
    if (performance.now() > deadline) throw new Error(`There is more than before: ${JSON.stringify(more)}`)
    // While this waits there is a timer more; by the time of the next look it is gone.
    await delay(10)
  }
}
