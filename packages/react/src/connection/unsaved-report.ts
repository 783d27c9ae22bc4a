import type { Clock } from '@session-backend/core'
import type { ConnectContext } from './connect.ts'
import type { Unsaved } from './unsaved.ts'

/** Options of connections that know which changes are unsaved. */
export interface UnsavedOptions {
  /** Whether the browser asks before the user leaves the page with unsaved changes. Default true. */
  warnBeforeUnload?: boolean | undefined
}

/** The shortest time between two reports, in ms, because each report renders components. */
const INTERVAL = 250

/**
 * Creates the function that reports unsaved changes to a session. It reports the first change and the last
 * save at once, and numbers in between a little later. While a change is unsaved, the browser asks before the
 * user leaves the page. Otherwise there is no `beforeunload` listener, because one would disable the
 * back/forward cache.
 */
export function createUnsavedReport(
  { onUnsaved, closed }: Pick<ConnectContext, 'onUnsaved' | 'closed'>,
  clock: Clock,
  { warnBeforeUnload = true }: UnsavedOptions,
): (unsaved: Unsaved) => void {
  let latest: Unsaved = { count: 0, since: undefined }
  let hasUnsaved: boolean | undefined
  let cancel: (() => void) | undefined
  const show = () => {
    cancel?.()
    cancel = undefined
    onUnsaved(latest)
  }
  // One for each document: the browser keeps a listener once, and another document would take it away.
  const ask = (event: Event) => event.preventDefault()
  const guard = (isWanted: boolean) => {
    if (!warnBeforeUnload || !globalThis.document) return
    if (isWanted) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  }
  closed.addEventListener('abort', () => {
    cancel?.()
    guard(false)
  })
  return (unsaved) => {
    if (closed.aborted) return
    latest = unsaved
    if (hasUnsaved !== unsaved.count > 0) {
      hasUnsaved = unsaved.count > 0
      guard(hasUnsaved)
      show()
    } else cancel ??= clock.after(INTERVAL, show)
  }
}
