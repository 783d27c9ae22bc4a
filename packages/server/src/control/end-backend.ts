import { type Clock, isTerminal, SessionBackendError } from '@session-backend/core'
import type { Platform } from '../common/platform.ts'

/** The platform kills 10 s after it has asked. */
const TIMEOUT = 20_000

/**
 * Asks a backend to end, and resolves when it has ended.
 *
 * @throws SessionBackendError `platform_timeout` if it hasn't ended within 20 s; otherwise what
 * {@link Platform} says.
 */
export async function endBackend(
  platform: Platform,
  name: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const late = new AbortController()
  const error = new SessionBackendError('platform_timeout', 'The backend did not end in time.')
  const cancel = clock.after(TIMEOUT, () => late.abort(error))
  const given = AbortSignal.any(signal ? [late.signal, signal] : [late.signal])
  try {
    await platform.terminate(name, { signal: given })
    for await (const { state } of platform.statusStream(name, { signal: given }))
      if (isTerminal(state)) return
  } catch (failure) {
    if (!(failure instanceof SessionBackendError && failure.code === 'not_running')) throw failure
  } finally {
    cancel()
  }
}
