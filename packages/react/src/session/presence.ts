import type { Clock } from '@session-backend/core'

/** Whether retries make no sense now: there is no network, or nobody looks at the page. */
function isAway(): boolean {
  return globalThis.navigator?.onLine === false || globalThis.document?.visibilityState === 'hidden'
}

/** Calls `listener` when the network or the page's visibility changes. There is neither in React Native. */
function onChange(listener: () => void, signal: AbortSignal): void {
  if (!globalThis.document) return
  addEventListener('online', listener, { signal })
  document.addEventListener('visibilitychange', listener, { signal })
}

/**
 * A clock for waits between attempts. While the device is offline or the page hidden, none of its timers
 * fires; on return all of them fire at once, so that the first attempt doesn't wait for what has passed.
 */
export function pausedWhileAway(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    steady: clock,
    after(ms, callback) {
      const timer = new AbortController()
      const fire = () => {
        if (isAway()) return
        timer.abort()
        callback()
      }
      timer.signal.addEventListener('abort', clock.after(ms, fire))
      onChange(fire, timer.signal)
      return () => timer.abort()
    },
  }
}
