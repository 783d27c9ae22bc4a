import type { BackendState, Session } from '@session-backend/core'
import { parseState } from '@session-backend/core/internal'

/** Parses the statuses of one backend: a cache may answer with those of another, which are not known here. */
export function parseStateOf({ name }: Session): (value: unknown) => BackendState | undefined {
  return (value) => {
    const state = parseState(value)
    return (state?.backend ?? name) === name ? state : undefined
  }
}
