import type { Clock } from '@session-backend/core'
import { childOf, SessionBackendError, sleep } from '@session-backend/core/internal'

/** The longest wait for an answer, in ms. The app's route gives the platform 10 s. */
const LIMIT = 30_000

/**
 * Waits for an answer, for so long and only until `signal` aborts: what comes later is ignored, even from
 * work that doesn't heed its own signal.
 */
export function withDeadline<T>(
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  limit = LIMIT,
): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  const scope = childOf(signal)
  const late = sleep(clock, limit, scope.signal).then(() => {
    throw new SessionBackendError('platform_timeout', 'The server took too long to answer.')
  })
  return Promise.race([late, work(scope.signal)]).finally(() => scope.abort())
}
