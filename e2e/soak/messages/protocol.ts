import { defineProtocol } from '@session-backend/core'
import * as v from 'valibot'

/** A list to which pages add what nobody else adds. */
export const protocol = defineProtocol({ toBackend: { add: v.string() }, toPage: { count: v.number() } })
