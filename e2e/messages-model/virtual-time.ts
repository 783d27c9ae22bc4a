import { vi } from 'vitest'

/** How many promises may follow from one another without time passing. */
const TURNS = 24

interface Timer {
  at: number
  every: number | undefined
  callback: () => void
}

let now = 0
/** By their ids, which grow. */
let timers = new Map<number, Timer>()
let ids = 0

/** Time that only the test moves. It is ten times as fast as vitest's: a run has thousands of timers. */
export function startVirtualTime(): void {
  now = 1_000_000
  const start = (every: boolean) => (callback: () => void, ms: number | undefined) => {
    const wait = Math.max(1, ms || 0)
    ids += 1
    timers.set(ids, { at: now + wait, every: every ? wait : undefined, callback })
    return ids
  }
  const stop = (id: number) => timers.delete(id)
  vi.stubGlobal('setTimeout', start(false))
  vi.stubGlobal('setInterval', start(true))
  vi.stubGlobal('clearTimeout', stop)
  vi.stubGlobal('clearInterval', stop)
  // Whole, as it is on a real clock: waits with jitter are not.
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(now))
  vi.spyOn(performance, 'now').mockImplementation(() => now)
}

export function stopVirtualTime(): void {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
}

/** Forgets all timers: what they were for has ended. */
export function clearTimers(): void {
  timers = new Map()
}

/** Lets all promises settle that need no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await null
}

/** Lets `ms` pass, from one timer to the next: promises settle after each moment. */
export async function pass(ms: number): Promise<void> {
  await settle()
  const end = now + ms
  for (let next = earliest(); next <= end; next = earliest()) {
    now = next
    for (const [id, timer] of [...timers]) {
      if (timer.at > now || !timers.has(id)) continue
      if (timer.every === undefined) timers.delete(id)
      else timer.at = now + timer.every
      timer.callback()
      await settle()
    }
  }
  now = end
}

/** Lets `ms` pass at once: no timer notices. */
export function skip(ms: number): void {
  now += ms
  for (const timer of timers.values()) timer.at += ms
}

function earliest(): number {
  let at = Number.POSITIVE_INFINITY
  for (const timer of timers.values()) at = Math.min(at, timer.at)
  return at
}

/** After a time of the virtual clock. */
export const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
