import type { DocumentContext } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'
import type { Grant } from '../common/platform.ts'
import type { Opening } from '../request/opening.ts'

/** A user's request, after it was authorized. */
export interface Visit extends DocumentContext {
  grant: Grant
  /** When `authorize` was called, in ms since the epoch. Its decision may be out of date later. */
  authorizedAt: number
  opening: Opening
  /** Aborts when the user leaves. */
  abort: LazyAbort
}
