import type { Timeline } from '@session-backend/core'
import {
  isTerminal,
  parseJson,
  parseTimeline,
  SessionBackendError,
  TIMELINE_EVENT,
} from '@session-backend/core/internal'
import { fetchRoute, requestSession, routeUrl } from '../route/request-session.ts'
import { withDeadline } from '../route/with-deadline.ts'
import { parseStateOf } from './parse-state-of.ts'
import type { StatusReading, StatusRequest, StatusSource, WatchStream } from './source.ts'

/**
 * Through the app's route, which authorizes each look at the status, and tells the cause of a start that
 * failed: `timeline.log`. PROTOCOL.md: "The timeline".
 */
export const relayStatus: StatusSource = { follow: followRelay, read: readRelay }

async function* followRelay(
  request: StatusRequest,
  watch: WatchStream,
): AsyncGenerator<StatusReading, void, void> {
  const { signal, clock, random, session, onProblem } = request
  const query = session.ref === undefined ? '' : `?ref=${encodeURIComponent(session.ref)}`
  let timeline: Timeline = { backend: session.name, statuses: [] }
  const states = watch(`${routeUrl(request)}/status${query}`, {
    async fetch(url, init = {}) {
      // If the app's `headers` function never resolves, the stream would wait for ever.
      const headers = await withDeadline(clock.steady ?? clock, signal, async () => {
        const { headers } = request
        return typeof headers === 'function' ? headers() : headers
      })
      return fetchRoute({ ...request, headers }, String(url), init)
    },
    onEvent({ event, data }) {
      if (event === TIMELINE_EVENT) timeline = parseTimeline(parseJson(data)) ?? timeline
    },
    signal,
    clock,
    random,
    onProblem,
    parse: parseStateOf(session),
  })
  for await (const { state } of states) yield { state, timeline }
}

/** Reads the session; of a backend that has ended, the route only knows the stream. */
async function readRelay(request: StatusRequest): Promise<StatusReading> {
  try {
    const { name, status } = await requestSession(request, 'GET')
    return { state: name === request.session.name ? status : 'Lost' }
  } catch (error) {
    if (!(error instanceof SessionBackendError) || error.status !== 404) throw error
    const { watchStatusStream } = await import('./following.ts')
    for await (const { state } of followRelay(request, watchStatusStream))
      if (isTerminal(state)) return { state }
    throw error
  }
}
