import { type ErrorCode, SessionBackendError } from '@session-backend/core'
import { adviceOn } from '../engine/advice.ts'
import { isDevelopment } from './console-logger.ts'
import type { ErrorEvent, FailedStart, SpawnEvent } from './events.ts'
import type { Logger } from './logger.ts'
import { countFailure } from './metrics.ts'
import { ReportedError } from './reported-error.ts'

/** Who is told: the options of `createSessionBackends`. */
export interface ReportsOptions {
  onSpawn?: ((event: SpawnEvent) => void) | undefined
  onError?: ((error: unknown, event: ErrorEvent) => void) | undefined
  logger: Logger
}

/** Tells the app what happened, by its hooks and its log. No method throws. */
export interface Reports {
  spawned(event: SpawnEvent): void
  /** A client's mistakes are not reported. */
  failed(error: unknown, event: ErrorEvent): void
  /** Called in development only: a developer waits for a backend that never comes up. */
  startFailed(documentId: string, start: FailedStart): void
}

/** Failures that are the platform's. Their messages may repeat what it said, so the log has the code only. */
const OF_THE_PLATFORM: readonly ErrorCode[] = [
  'platform_misconfigured',
  'platform_error',
  'platform_busy',
  'platform_timeout',
]

export function createReports({ onSpawn, onError, logger }: ReportsOptions): Reports {
  function log(details: object, message: string) {
    try {
      logger.error(details, message)
    } catch {
      // There is nowhere else to report it, and a client waits for the answer.
    }
  }

  /** Not waited for. An asynchronous hook's unhandled rejection would end the process. */
  async function call<T extends unknown[]>(hook: ((...event: T) => unknown) | undefined, ...event: T) {
    try {
      await hook?.(...event)
    } catch (error) {
      log({ err: error }, 'A hook of createSessionBackends threw.')
    }
  }

  return {
    startFailed(documentId, { status, lastLine }) {
      const printed = lastLine === undefined ? 'It printed nothing.' : `It last printed: ${lastLine}`
      const cause =
        status === 'TimedOutBeforeReady'
          ? 'did not listen in time: let it listen on the port in the environment variable PORT.'
          : 'ended before it was ready: run its command by hand, or read its whole log.'
      log({ documentId, status }, `The backend ${cause} ${printed}`)
    },

    spawned(event) {
      call(onSpawn, event)
    },

    failed(error, event) {
      try {
        countFailure(error, event.action)
        report(error, event)
      } catch {
        log(event, 'A session backend request failed with an error whose fields cannot be read.')
      }
    },
  }

  function report(error: unknown, event: ErrorEvent): void {
    if (isTheClients(error)) return
    if (error instanceof SessionBackendError && OF_THE_PLATFORM.includes(error.code)) {
      const message =
        error.code === 'platform_misconfigured'
          ? 'The session backend platform refused this app. Check the account, service and token of its `platform`.'
          : 'The session backend platform failed.'
      log({ code: error.code, ...event }, (isDevelopment() && adviceOn(error)) || message)
    } else if (error instanceof ReportedError) {
      log({ ...(error.cause !== undefined && { err: error.cause }), ...event }, error.report)
    } else {
      log({ err: error, ...event }, 'A session backend request failed.')
    }
    call(onError, error, event)
  }
}

function isTheClients(error: unknown): boolean {
  return error instanceof SessionBackendError && error.status < 500 && !(error instanceof ReportedError)
}
