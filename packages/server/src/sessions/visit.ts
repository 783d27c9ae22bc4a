import type { DocumentContext } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'
import type { Grant } from '../common/platform.ts'

/** A user who has been authorized, and what for. */
export interface Visit extends DocumentContext {
  grant: Grant
  /** When `authorize` was asked, in ms since the epoch: what it knew may be out of date later. */
  authorizedAt: number
  /** Aborts when the user leaves. */
  abort: LazyAbort
}
