import {
  addPhase,
  type BackendState,
  type BackendStatus,
  type Clock,
  isForward,
  isTerminal,
  type Phase,
  parseJson,
  parseState,
  parseTimeline,
  type Session,
  SessionBackendError,
  sleep,
  TIMELINE_EVENT,
  type Timeline,
  watchStatus,
} from '@session-backend/core'
import {
  fetchRoute,
  isPassing,
  type RouteRequest,
  reach,
  requestSession,
  routeUrl,
} from './request-session.ts'

/** Between two looks at the status where it can't be streamed, in ms. */
const POLL_INTERVAL = 2000

/** What it takes to follow the backend of one session. */
export interface StatusRequest extends RouteRequest {
  clock: Clock
  random: () => number
  session: Session
}

/** A status, and how the backend got there. */
export interface StatusStep {
  status: BackendStatus
  timeline: Timeline
}

/**
 * Follows a backend's status: at the platform, or through the app's route where `relay` is set, whose timeline
 * then replaces the one that is put together here. In React Native `fetch` has no streams: there the status
 * is read every 2 s instead.
 */
export async function* followStatus(request: StatusRequest): AsyncGenerator<StatusStep, void, void> {
  const { session, relay, fetch, signal, clock, random } = request
  let phases: Phase[] = []
  let told: Timeline | undefined
  for await (const state of states()) {
    phases = addPhase(phases, state)
    yield { status: state.state, timeline: told ?? { backend: session.name, phases } }
  }

  function states(): AsyncIterable<BackendState> {
    if (typeof ReadableStream === 'undefined') return pollStatus(request)
    if (!relay) return watchStatus(`${session.statusUrl}/stream`, { fetch, signal, clock, random })
    return watchStatus(`${routeUrl(request)}/status`, {
      fetch: (url, init = {}) => fetchRoute(request, String(url), init),
      onEvent({ event, data }) {
        if (event === TIMELINE_EVENT) told = parseTimeline(parseJson(data)) ?? told
      },
      signal,
      clock,
      random,
    })
  }
}

async function* pollStatus(request: StatusRequest) {
  const { clock, signal } = request
  let current: BackendStatus | undefined
  while (current === undefined || !isTerminal(current)) {
    const state = await readStatus(request).catch((error) => {
      if (!isPassing(error)) throw error
    })
    if (state && isForward(current, state.state)) {
      current = state.state
      yield state
    }
    await sleep(clock, POLL_INTERVAL, signal)
  }
}

/**
 * Reads a backend's status once.
 *
 * @throws SessionBackendError `platform_error` where it can't be read, and what the app's route answers.
 */
export async function readStatus(request: StatusRequest): Promise<BackendState> {
  const { session, relay, fetch = globalThis.fetch, signal, clock } = request
  if (relay) {
    const { status } = await requestSession(request, 'GET')
    return { state: status, time: new Date(clock.now()).toISOString() }
  }
  const response = await reach(() => fetch(session.statusUrl, { signal, cache: 'no-store' }))
  const { status } = response
  const state = parseState(parseJson(await reach(() => response.text())))
  if (response.ok && state) return state
  throw new SessionBackendError('platform_error', `The platform answered ${status} for a status.`, { status })
}
