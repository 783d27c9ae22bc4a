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
  const late = inTime('The backend did not end in time.', clock, signal)
  try {
    await platform.terminate(name, late)
    for await (const { state } of platform.statusStream(name, late)) if (isTerminal(state)) return
  } catch (failure) {
    if (!(failure instanceof SessionBackendError && failure.code === 'not_running')) throw failure
  } finally {
    late.cancel()
  }
}

/**
 * When a backend was created, in RFC 3339: the time of its first status, which every engine tells.
 *
 * @throws SessionBackendError `platform_timeout` after 20 s; otherwise what {@link Platform} says.
 */
export async function readCreationTime(
  platform: Platform,
  name: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const late = inTime('The platform did not send the status in time.', clock, signal)
  try {
    for await (const { time } of platform.statusStream(name, late)) return time
    return undefined
  } finally {
    late.cancel()
  }
}

/** A signal for calls that must end within 20 s. Call `cancel` when they have. */
function inTime(message: string, clock: Clock, signal?: AbortSignal) {
  const late = new AbortController()
  const cancel = clock.after(TIMEOUT, () => late.abort(new SessionBackendError('platform_timeout', message)))
  return { cancel, signal: AbortSignal.any(signal ? [late.signal, signal] : [late.signal]) }
}
