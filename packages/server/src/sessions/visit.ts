import type { DocumentContext } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'
import type { Grant } from '../common/platform.ts'

/** A user who has been authorised, and what for. */
export interface Visit extends DocumentContext {
  grant: Grant
  /** Aborts when the user leaves. */
  abort: LazyAbort
}
