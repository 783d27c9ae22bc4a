import type { SpawnRequest } from '@session-backend/core/internal'
import { checkEnv, checkLock, invalid } from '../common/checks.ts'
import type { SpawnOptions } from '../common/platform.ts'

/** Specification: "Spawn a backend". */
export function toSpawnBody({
  lock,
  tag,
  gracePeriodSeconds,
  env,
}: SpawnOptions & { lock?: string | undefined }): SpawnRequest {
  const body: SpawnRequest = {}
  if (lock !== undefined) body.lock = checkLock(lock)
  if (tag !== undefined) {
    if (typeof tag !== 'string' || tag === '') throw invalid('`tag` is a string.')
    body.tag = tag
  }
  if (gracePeriodSeconds !== undefined) {
    if (!(Number.isFinite(gracePeriodSeconds) && gracePeriodSeconds >= 0)) {
      throw invalid('`gracePeriodSeconds` is a number of seconds, 0 or more.')
    }
    body.grace_period_seconds = gracePeriodSeconds
  }
  if (env !== undefined) body.env = checkEnv(env)
  return body
}
