import type { Clock } from '@session-backend/core'
import type { SessionListeners } from './options.ts'
import type { UseSessionBackendResult } from './result.ts'
import { isPassing } from './view.ts'

/** After how many ms a session is overdue. */
const OVERDUE_AFTER = 5000

/**
 * Finds out that a session has been opening or reconnecting for long: `onOverdue` is called once each time.
 *
 * @returns To be called after each change, with the options of those who wait for the session, if anybody
 * does.
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
