import type { Caller } from '../caller.ts'
import type { Grant } from '../platform.ts'
import type { DocumentContext } from '../request/authorize.ts'

/** A user who has been authorised, and what for. */
export interface Visit extends DocumentContext {
  grant: Grant
  caller: Caller
}
