import type { SpawnRequest } from '@session-backend/core/internal'
import { check, checkEnv, checkLock, SECONDS, TEXT } from '../common/checks.ts'
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
    check('tag', tag, TEXT)
    body.tag = tag
  }
  if (gracePeriodSeconds !== undefined) {
    check('gracePeriodSeconds', gracePeriodSeconds, SECONDS)
    body.grace_period_seconds = gracePeriodSeconds
  }
  if (env !== undefined) body.env = checkEnv(env)
  return body
}
