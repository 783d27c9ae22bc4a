import { type ErrorCode, SessionBackendError } from '@session-backend/core'
import type { ErrorEvent, Settings, SpawnEvent } from '../options.ts'

/** Tells the app what happened, by its hooks and its log. Nothing here throws. */
export interface Reporter {
  spawned(event: SpawnEvent): void
  /** What the client got wrong is not reported. */
  failed(error: unknown, event: ErrorEvent): void
}

/** Failures that are the platform's. Their messages may repeat what it said, so the log has the code only. */
const OF_THE_PLATFORM: readonly ErrorCode[] = [
  'platform_misconfigured',
  'platform_error',
  'platform_busy',
  'platform_timeout',
]

export function createReporter({ onSpawn, onError, logger }: Settings): Reporter {
  function call<T extends unknown[]>(hook: ((...event: T) => void) | undefined, ...event: T) {
    try {
      hook?.(...event)
    } catch (error) {
      logger.error({ err: error }, 'A hook of createSessionBackends threw.')
    }
  }

  return {
    spawned: (event) => call(onSpawn, event),

    failed(error, event) {
      if (isTheClients(error)) return
      if (error instanceof SessionBackendError && OF_THE_PLATFORM.includes(error.code)) {
        logger.error({ code: error.code, ...event }, 'The session backend platform failed.')
      } else if (error instanceof SessionBackendError && error.code === 'forbidden') {
        logger.error({ err: error.cause, ...event }, '`authorize` failed, so the request was denied.')
      } else {
        logger.error({ err: error, ...event }, 'A session backend request failed.')
      }
      call(onError, error, event)
    },
  }
}

function isTheClients(error: unknown): boolean {
  if (!(error instanceof SessionBackendError) || error.status >= 500) return false
  return error.code !== 'forbidden' || error.cause === undefined
}
