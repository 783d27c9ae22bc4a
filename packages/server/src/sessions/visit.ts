import type { Caller } from '../caller.ts'
import type { Grant } from '../platform.ts'

/** A user who has been authorised, and what for. */
export interface Visit {
  documentId: string
  grant: Grant
  caller: Caller
}
