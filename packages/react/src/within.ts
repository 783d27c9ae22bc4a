import { type Clock, childOf, SessionBackendError } from '@session-backend/core'

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
  const late = new SessionBackendError('platform_timeout', 'The server took too long to answer.')
  const cancel = clock.after(ms, () => scope.abort(late))
  return new Promise<T>((resolve, reject) => {
    scope.signal.addEventListener('abort', () => reject(scope.signal.reason))
    work(scope.signal).then(resolve, reject)
  }).finally(() => {
    cancel()
    scope.abort()
  })
}
