import { type Clock, childOf, SessionBackendError, sleep } from '@session-backend/core'

/**
 * Works for at most `ms` milliseconds, and only until `signal` aborts: what comes later is ignored, even from
 * work that doesn't heed its own signal.
 */
export function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const scope = childOf(signal)
  const late = sleep(clock, ms, scope.signal).then(() => {
    throw new SessionBackendError('platform_timeout', 'The server took too long to answer.')
  })
  return Promise.race([late, work(scope.signal)]).finally(() => scope.abort())
}
