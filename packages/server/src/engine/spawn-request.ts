import type { SpawnRequest } from '@session-backend/core'
import type { SpawnOptions } from '../platform.ts'
import { checkEnv, checkLock, invalid } from './checks.ts'

/** Specification: "Spawn a backend". */
export function toSpawnBody({
  lock,
  ...options
}: SpawnOptions & { lock?: string | undefined }): SpawnRequest {
  const { tag, gracePeriodSeconds, env } = options
  if (tag !== undefined && (typeof tag !== 'string' || tag === '')) throw invalid('`tag` is a string.')
  if (gracePeriodSeconds !== undefined && !(Number.isFinite(gracePeriodSeconds) && gracePeriodSeconds >= 0)) {
    throw invalid('`gracePeriodSeconds` is a number of seconds, 0 or more.')
  }
  return {
    ...(lock !== undefined && { lock: checkLock(lock) }),
    ...(tag !== undefined && { tag }),
    ...(gracePeriodSeconds !== undefined && { grace_period_seconds: gracePeriodSeconds }),
    ...(env !== undefined && { env: checkEnv(env) }),
  }
}
