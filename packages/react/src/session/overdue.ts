import type { Clock } from '@session-backend/core'
import type { SessionListeners } from './options.ts'
import type { UseSessionBackendResult } from './result.ts'
import { isPassing } from './view.ts'

/** The time after which a session is overdue, in ms. */
const OVERDUE_AFTER = 5000

/**
 * Calls `onOverdue` once each time a session has been opening or reconnecting for long.
 *
 * @returns Call it after each change, with the options of the components that wait for the session, if any.
 */
export function createOverdueWatch(
  clock: Clock,
  session: () => UseSessionBackendResult<unknown>,
  onOverdue: () => void,
): (options: SessionListeners<unknown> | undefined) => void {
  let cancel: (() => void) | undefined

  function wait(ms: number, waited = 0) {
    cancel = clock.after(ms - waited, () => {
      const { phase, typicalStart } = session()
      // A start isn't late while 1 of 10 starts takes longer.
      if (phase === 'waiting' && typicalStart && typicalStart.p90 > ms) wait(typicalStart.p90, ms)
      else onOverdue()
    })
  }

  return (options) => {
    if (!options || !isPassing(session())) {
      cancel?.()
      cancel = undefined
    } else if (!cancel) wait(options.overdueAfter ?? OVERDUE_AFTER)
  }
}
