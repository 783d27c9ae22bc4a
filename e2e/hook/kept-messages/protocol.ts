import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'

/** A list to which everybody adds. */
export const protocol = defineProtocol({
  toBackend: { add: v.string() },
  toPage: { list: v.array(v.string()), added: v.string() },
})
