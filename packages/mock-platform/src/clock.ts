import type { Clock } from '@session-backend/core'

/** The platform's clock. Grace periods, timeouts, heartbeats and the times of statuses follow it. */
export interface PlatformClock extends Clock {
  /** Moves the time forward by `ms` milliseconds, and calls the timers that become due, in order. */
  advance(ms: number): void
}

/** Options of {@link createClock}. */
export interface ClockOptions {
  /** Whether time stands still between calls of `advance`. Default false: it follows the real time. */
  frozen?: boolean
  /** The time at which the clock starts, in ms since the epoch. Default: now. */
  start?: number
}

/** The longest delay of `setTimeout`. */
const MAX_DELAY = 2 ** 31 - 1

interface Timer {
  /**
   * In ms of {@link createClock}'s monotonic time, which doesn't change when the system clock is set back.
   */
  due: number
  callback: () => void
  handle?: NodeJS.Timeout
}

/** Creates a clock that tests can move forward. */
export function createClock({ frozen = false, start = Date.now() }: ClockOptions = {}): PlatformClock {
  const timers = new Set<Timer>()
  const origin = performance.now()
  let ahead = 0
  const elapsed = () => (frozen ? 0 : performance.now() - origin) + ahead

  function arm(timer: Timer): void {
    if (frozen) return
    const delay = Math.min(Math.max(timer.due - elapsed(), 0), MAX_DELAY)
    timer.handle = setTimeout(() => {
      if (timer.due > elapsed()) arm(timer)
      else fire(timer)
    }, delay)
  }

  function cancel(timer: Timer): void {
    timers.delete(timer)
    clearTimeout(timer.handle)
  }

  function fire(timer: Timer): void {
    cancel(timer)
    timer.callback()
  }

  function earliest(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer
    return first
  }

  return {
    now: () => Math.floor(start + elapsed()),
    after(ms, callback) {
      const timer: Timer = { due: elapsed() + ms, callback }
      timers.add(timer)
      arm(timer)
      return () => cancel(timer)
    },
    advance(ms) {
      const target = elapsed() + ms
      for (let timer = earliest(); timer && timer.due <= target; timer = earliest()) {
        ahead += Math.max(timer.due - elapsed(), 0)
        fire(timer)
      }
      ahead += Math.max(target - elapsed(), 0)
      for (const timer of timers) {
        clearTimeout(timer.handle)
        arm(timer)
      }
    },
  }
}
