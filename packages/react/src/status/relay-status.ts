import {
  type BackendState,
  parseJson,
  parseTimeline,
  TIMELINE_EVENT,
  type Timeline,
  watchStatusStream,
} from '@session-backend/core'
import { fetchRoute, requestSession, routeUrl } from '../route/request-session.ts'
import { withDeadline } from '../route/with-deadline.ts'
import type { StatusRequest, StatusSource, StatusUpdate } from './source.ts'

/**
 * Through the app's route, which authorises each look at the status, and tells the cause of a start that
 * failed: `timeline.log`. PROTOCOL.md: "The timeline".
 */
export const relayStatus: StatusSource = {
  follow: followRelay,
  async read(request) {
    const { status } = await requestSession(request, 'GET')
    return { state: status }
  },
}

async function* followRelay(request: StatusRequest): AsyncGenerator<StatusUpdate, void, void> {
  const { signal, clock, random, session } = request
  let timeline: Timeline = { backend: session.name, phases: [] }
  const states: AsyncIterable<BackendState> = watchStatusStream(`${routeUrl(request)}/status`, {
    async fetch(url, init = {}) {
      // An app that never comes by its headers would keep the stream waiting for ever.
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
  })
  for await (const { state } of states) yield { status: state, timeline }
}
