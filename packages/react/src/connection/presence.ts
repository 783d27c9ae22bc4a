import type { Clock } from '@session-backend/core'

/** How much longer a wait takes while the browser says that it is offline, in ms. */
const OFFLINE_WAIT = 5000
/** How often to look whether the device slept, in ms. */
const TICK = 10_000
/** How late a timer is after a sleep, in ms. */
const SLEPT = 30_000
/** The same in a hidden page: browsers hold its timers back for up to a minute. */
const SLEPT_WHILE_HIDDEN = 120_000

function isHidden(): boolean {
  return globalThis.document?.visibilityState === 'hidden'
}

/**
 * Whether the browser says that there is no network. It may be wrong: a server on this machine can be
 * reached.
 */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

/** Calls `listener` when the page is shown again or the network is back. React Native has no such events. */
function onPageReturn(listener: (event: Event) => void, signal: AbortSignal): void {
  if (!globalThis.document) return
  addEventListener('online', listener, { signal })
  document.addEventListener('visibilitychange', listener, { signal })
}

/**
 * A clock for waits between attempts. While the page is hidden none of its timers fires, and while the
 * browser says that it is offline they take longer; on return all of them fire at once.
 */
export function pausedWhileAway(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    steady: clock,
    after(ms, callback) {
      const timer = new AbortController()
      const fire = () => {
        if (isHidden()) return
        timer.abort()
        callback()
      }
      timer.signal.addEventListener('abort', clock.after(ms + (isOffline() ? OFFLINE_WAIT : 0), fire))
      onPageReturn(fire, timer.signal)
      return () => timer.abort()
    },
  }
}

/**
 * Calls `listener` when an open connection may have died unnoticed: when the page is shown again, and, with
 * `wasCutOff`, when the network is back or the device has slept.
 */
export function onReturn(clock: Clock, signal: AbortSignal, listener: (wasCutOff: boolean) => void): void {
  let slept = false
  onPageReturn(({ type }) => look(type === 'online'), signal)
  tick()

  function look(isOnline: boolean) {
    if (isHidden()) return
    const wasCutOff = isOnline || slept
    slept = false
    listener(wasCutOff)
  }

  function tick() {
    if (signal.aborted) return
    const due = clock.now() + TICK
    const cancel = clock.after(TICK, () => {
      signal.removeEventListener('abort', cancel)
      if (clock.now() - due >= (isHidden() ? SLEPT_WHILE_HIDDEN : SLEPT)) {
        slept = true
        look(false)
      }
      tick()
    })
    signal.addEventListener('abort', cancel)
  }
}

/**
 * Calls `leave` when the page goes into the back/forward cache, and `comeBack` when it returns. A page in the
 * cache must not stay connected: its backend would wait for it, and other users would still see its user.
 */
export function onPageCache(signal: AbortSignal, leave: () => void, comeBack: () => void): void {
  if (!globalThis.document) return
  const onEvent = ({ type, persisted }: PageTransitionEvent) => {
    if (persisted) type === 'pagehide' ? leave() : comeBack()
  }
  addEventListener('pagehide', onEvent, { signal })
  addEventListener('pageshow', onEvent, { signal })
}
