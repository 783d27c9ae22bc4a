import { parseJson, refusalOf, SessionBackendError } from '@session-backend/core/internal'
import { orUnreachable } from '../route/request-session.ts'
import { parseStateOf } from './parse-state-of.ts'
import type { StatusReading, StatusRequest, StatusSource, WatchStream } from './source.ts'

/**
 * Reads the status from the platform's `statusUrl`, with server-sent events. This is the default, and costs
 * the app's servers nothing. PROTOCOL.md: "Following a status stream".
 */
export const platformStatus: StatusSource = { follow: followPlatform, read: readPlatform }

function followPlatform(request: StatusRequest, watch: WatchStream): AsyncIterable<StatusReading> {
  // Nothing else: the app's headers and credentials are not the platform's.
  const { session, fetch, signal, clock, random, onProblem } = request
  const parse = parseStateOf(session)
  return watch(`${session.statusUrl}/stream`, { fetch, signal, clock, random, onProblem, parse })
}

/** Reads the `statusUrl`. */
export async function readPlatform({
  session,
  fetch = globalThis.fetch,
  signal,
  clock,
}: StatusRequest): Promise<StatusReading> {
  const { statusUrl } = session
  const response = await orUnreachable(statusUrl, () => fetch(statusUrl, { signal, cache: 'no-store' }))
  const state = parseStateOf(session)(parseJson(await orUnreachable(statusUrl, () => response.text())))
  if (response.ok && state) return state
  throw new SessionBackendError(
    'platform_error',
    `${statusUrl} answered ${response.status}.`,
    refusalOf(response, clock.now()),
  )
}
