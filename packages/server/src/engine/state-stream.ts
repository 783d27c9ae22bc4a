import {
  type BackendState,
  type ErrorCode,
  SessionBackendError,
  type WatchStatusOptions,
  watchStatus,
} from '@session-backend/core'

/**
 * What the stream's codes mean to the caller: the credentials and the address are the app's, not the user's.
 */
const MEANING: Partial<Record<ErrorCode, ErrorCode>> = {
  unauthenticated: 'platform_misconfigured',
  forbidden: 'platform_misconfigured',
  not_found: 'not_running',
  gone: 'not_running',
}

/**
 * The statuses of a backend, with the errors of a {@link Platform}. Specification: "Get a backend's status
 * stream".
 */
export async function* followStates(
  url: string,
  options: WatchStatusOptions,
): AsyncGenerator<BackendState, void, void> {
  try {
    yield* watchStatus(url, options)
  } catch (cause) {
    if (options.signal?.aborted || !(cause instanceof SessionBackendError)) throw cause
    const code = MEANING[cause.code] ?? 'platform_error'
    throw new SessionBackendError(code, 'The platform ended the status stream.', { cause })
  }
}
