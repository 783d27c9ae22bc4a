import { type ReachedStatus, SessionBackendError } from '@session-backend/core'
import { addStatus, parseJson, refusalOf, watchStatusStream } from '@session-backend/core/internal'
import { orUnreachable } from '../route/request-session.ts'
import { parseStateOf } from './parse-state-of.ts'
import type { StatusReading, StatusRequest, StatusSource, StatusUpdate } from './source.ts'

/**
 * Reads the status from the platform's `statusUrl`, with server-sent events. This is the default, and costs
 * the app's servers nothing. PROTOCOL.md: "Following a status stream".
 */
export const platformStatus: StatusSource = { follow: followPlatform, read: readPlatform }

async function* followPlatform(request: StatusRequest): AsyncGenerator<StatusUpdate, void, void> {
  // Nothing else: the app's headers and credentials are not the platform's.
  const { session, fetch, signal, clock, random, onProblem } = request
  let statuses: ReachedStatus[] = []
  const parse = parseStateOf(session)
  const url = `${session.statusUrl}/stream`
  const states = watchStatusStream(url, { fetch, signal, clock, random, onProblem, parse })
  for await (const state of states) {
    statuses = addStatus(statuses, state)
    yield { status: state.state, timeline: { backend: session.name, statuses } }
  }
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
