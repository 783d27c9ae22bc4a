import { type ErrorCode, SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'

/** The meaning of Plane's kinds of errors. For other kinds, the HTTP status is enough. */
const KINDS: Record<string, [code: ErrorCode, message: string]> = {
  KeyUnheldNoSpawnConfig: ['not_running', 'No backend holds this lock.'],
  NotFound: ['not_running', "Plane doesn't know this backend."],
  KeyHeld: ['platform_busy', 'A backend with another tag holds this lock. Try again when it has ended.'],
  KeyHeldUnhealthy: ['platform_busy', 'The drone of the backend that holds this lock is not healthy.'],
  NoDroneAvailable: ['platform_busy', 'No drone of the cluster can take a backend.'],
  NoClusterProvided: ['platform_misconfigured', 'Plane has no default cluster. Set `cluster`.'],
  InvalidClusterName: ['platform_misconfigured', 'Plane has no cluster of this name.'],
  FailedToAcquireKey: ['platform_busy', 'Others were faster to take this lock, again and again.'],
  FailedToRemoveKey: ['platform_busy', 'This lock is being freed.'],
}

/** Several connects wanted one lock at the same time: another attempt finds the winner. */
const RACES: readonly unknown[] = ['FailedToAcquireKey', 'FailedToRemoveKey']

/** Whether another attempt at once makes sense. */
export function isRace(error: unknown): boolean {
  return RACES.includes(kindOf(error))
}

/** One of Plane's errors, in our words. */
export function fromPlane(error: unknown): unknown {
  const [code, message] = KINDS[kindOf(error) ?? ''] ?? []
  if (code === undefined || message === undefined || !(error instanceof SessionBackendError)) return error
  return new SessionBackendError(code, message, {
    cause: error.cause,
    id: error.id,
    retryAfter: error.retryAfter,
  })
}

/** One of the {@link KINDS}. */
function kindOf(error: unknown): string | undefined {
  const cause = error instanceof SessionBackendError ? error.cause : undefined
  const kind = isRecord(cause) ? cause.code : undefined
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? kind : undefined
}
