import { SessionBackendError } from '@session-backend/core'
import { isRecord, parseAnyState } from '@session-backend/core/internal'
import type { RunningBackend } from '../common/platform.ts'

/**
 * The service's part of v2's list. The mock platform adds `tag` and `connections`; the hosted platform tells
 * neither.
 */
export function parseRunningBackends(answer: unknown, service: string): RunningBackend[] {
  const entries = isRecord(answer) ? answer.running_backends : undefined
  if (!Array.isArray(entries)) throw notAList()
  return entries.filter((entry) => isRecord(entry) && entry.service_name === service).map(parseEntry)
}

function parseEntry(entry: unknown): RunningBackend {
  const state = isRecord(entry) ? parseAnyState(entry.status) : undefined
  if (!isRecord(entry) || !state) throw notAList()
  const { id, key, created_at, tag, connections } = entry
  if (typeof id !== 'string' || typeof created_at !== 'string') throw notAList()
  return {
    name: id,
    ...(typeof key === 'string' && { lock: key }),
    status: state.state,
    since: state.time,
    createdAt: created_at,
    ...((typeof tag === 'string' || tag === null) && { tag }),
    ...(typeof connections === 'number' && { connections }),
  }
}

function notAList(): SessionBackendError {
  return new SessionBackendError(
    'platform_error',
    'The platform must send a list of backends, but sent something else.',
  )
}
