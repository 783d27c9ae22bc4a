import {
  type BackendState,
  type BackendStatus,
  type Clock,
  isForward,
  isTerminal,
  parseJson,
  parseState,
  type Session,
  SessionBackendError,
  sleep,
  watchStatus,
} from '@session-backend/core'
import { fetchRoute, type RouteRequest, reach, requestSession, routeUrl } from './request-session.ts'

/** Between two looks at the status where it can't be streamed, in ms. */
const POLL_INTERVAL = 2000

/** What it takes to follow the backend of one session. */
export interface StatusRequest extends RouteRequest {
  clock: Clock
  random: () => number
  session: Session
}

/**
 * Follows a backend's status: at the platform, or through the app's route where `relay` is set.
 * In React Native `fetch` has no streams: there the status is read every 2 s instead.
 */
export async function* followStatus(request: StatusRequest): AsyncGenerator<BackendState, void, void> {
  const { session, relay, fetch, signal, clock, random } = request
  if (typeof ReadableStream === 'undefined') yield* pollStatus(request)
  else if (relay) {
    yield* watchStatus(`${routeUrl(request)}/status`, {
      fetch: (input, init = {}) => fetchRoute(request, String(input), init),
      signal,
      clock,
      random,
    })
  } else yield* watchStatus(`${session.statusUrl}/stream`, { fetch, signal, clock, random })
}

async function* pollStatus(request: StatusRequest) {
  const { clock, signal } = request
  let current: BackendStatus | undefined
  while (current === undefined || !isTerminal(current)) {
    const state = await readStatus(request)
    if (isForward(current, state)) {
      current = state
      yield { state, time: new Date(clock.now()).toISOString() }
    }
    await sleep(clock, POLL_INTERVAL, signal)
  }
}

/**
 * Reads a backend's status once; one that nobody knows any more is `Lost`.
 *
 * @throws SessionBackendError `platform_error` where it can't be read, and what the app's route answers.
 */
export async function readStatus(request: StatusRequest): Promise<BackendStatus> {
  const { session, relay, fetch = globalThis.fetch, signal } = request
  if (relay) {
    return requestSession(request, 'GET').then(
      ({ status }) => status,
      (error) => {
        if (error instanceof SessionBackendError && error.status === 404) return 'Lost'
        throw error
      },
    )
  }
  const response = await reach(() => fetch(session.statusUrl, { signal, cache: 'no-store' }))
  const body = await reach(() => response.text())
  if (response.status === 404 || response.status === 410) return 'Lost'
  const state = response.ok ? parseState(parseJson(body)) : undefined
  if (state) return state.state
  throw new SessionBackendError('platform_error', `The platform answered ${response.status} for a status.`)
}
