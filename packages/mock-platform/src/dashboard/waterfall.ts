import { isTerminal, type LiveStatus } from '@session-backend/core'
import { OPENING_STEPS, type OpeningTimes } from '@session-backend/core/internal'
import type { Backend } from '../backends/backend.ts'
import { statusesOf } from '../http/v1/statuses.ts'

/** One moment on the way from the click to the backend's first message. */
export interface Moment {
  step: keyof OpeningTimes | LiveStatus | 'connected' | 'message'
  /** In RFC 3339. */
  time: string
}

/** How long an opening may have taken before the platform was asked, in ms. An older time is another clock's. */
const MAX_AGE = 600_000

/** The moments of a backend that an app's route has spawned, in order. Without such a route: none. */
export function waterfallOf(backend: Backend): Moment[] {
  const { moments, options, createdAt } = backend
  const { opening } = options
  if (!opening) return []
  const result: Moment[] = []
  const add = (step: Moment['step'], time: number) =>
    result.push({ step, time: new Date(time).toISOString() })
  const created = Date.parse(createdAt)
  let last = created - MAX_AGE
  for (const step of OPENING_STEPS) {
    const time = opening.times[step]
    if (time === undefined || time < last || time > created) continue
    add(step, time)
    last = time
  }
  for (const { state, time } of statusesOf(backend).values) {
    if (isTerminal(state)) break
    last = Date.parse(time)
    add(state, last)
  }
  if (moments.connected !== undefined) add('connected', moments.connected)
  // A status that is reached in the same millisecond as the one before is dated a millisecond later.
  if (moments.spoke !== undefined) add('message', Math.max(moments.spoke, last))
  return result.sort((one, other) => Date.parse(one.time) - Date.parse(other.time))
}
