import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'

/** Pages count, each for itself: a number that is left out was lost, and one that comes again was doubled. */
export const protocol = defineProtocol({
  toBackend: { count: v.strictObject({ page: v.string(), number: v.number() }) },
  toPage: { pages: v.number() },
})
