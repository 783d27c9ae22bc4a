import type { SessionBackendError } from '@session-backend/core'
import { isRecord } from '@session-backend/core/internal'

/**
 * Kept outside the errors, because advice contains the platform's address, and errors may reach a browser.
 */
const ADVICE = new WeakMap<object, string>()

/**
 * Notes what a developer should know about a failure: its cause and the next step. It must hold no secret.
 */
export function advise<E extends SessionBackendError>(error: E, advice: string): E {
  ADVICE.set(error, advice)
  return error
}

/** What was noted about the failure. */
export function adviceOn(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? ADVICE.get(error) : undefined
}

/** What a developer should know about a failed call of the platform's API. */
export function adviceFor({ code, cause }: SessionBackendError, origin: string): string {
  const platform = `The platform at ${origin}`
  if (code === 'platform_timeout')
    return `${platform} did not answer in time: check that it is not overloaded.`
  const { status, code: reason }: Record<string, unknown> = isRecord(cause) ? cause : {}
  if (status === 403) return `${platform} refused the access token for this account (403): check \`account\`.`
  if (code === 'platform_misconfigured') {
    return `${platform} refused the access token (${status}): check \`token\`.`
  }
  if (typeof status === 'number')
    return `${platform} answered ${status}: look at its own log, or check that \`apiUrl\` leads to it.`
  const what = typeof reason === 'string' && /^[A-Z_]{1,40}$/.test(reason) ? ` (${reason})` : ''
  return `${platform} can't be reached${what}: start it, or check \`apiUrl\`.`
}
