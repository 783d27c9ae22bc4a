import { isBeforeEnd, parseV2State, toBackendStatus, type V2Status } from './status-v2.ts'
import { type BackendState, parseState } from './wire.ts'

/**
 * Creates a function that reads the statuses of one backend, in their order. It returns `undefined` for an
 * invalid or unknown status. It understands v1, v2 and Plane. What an end means in v2 and Plane depends on
 * the statuses before it.
 */
export function createStateParser(): (value: unknown) => BackendState | undefined {
  let last: V2Status | undefined
  return (value) => {
    const v1 = parseState(value)
    if (v1) return v1
    const v2 = parseV2State(value)
    if (!v2) return undefined
    const state = toBackendStatus(v2, last)
    if (isBeforeEnd(v2.status)) last = v2.status
    return { state, time: v2.time }
  }
}

/**
 * Reads one status in any of these vocabularies, without those before it: of v2's ends it tells what can be
 * told.
 */
export function parseAnyState(value: unknown): BackendState | undefined {
  return createStateParser()(value)
}

/**
 * The address of a backend's status stream: below its status; Plane has it next to the status.
 *
 * @param statusUrl A session's `statusUrl`.
 */
export function statusStreamUrl(statusUrl: string): string {
  const end = /\/pub\/b\/[^/?#]+\/status(?=[?#]|$)/.test(statusUrl) ? '-stream' : '/stream'
  return statusUrl.replace(/\/?(?=[?#]|$)/, end)
}
