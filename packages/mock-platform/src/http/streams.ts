import type { Backend } from '../backends/backend.ts'
import type { Feed } from '../feed.ts'
import type { ApiContext } from './context.ts'
import type { ApiRoute } from './router.ts'
import { streamFeed } from './sse-writer.ts'

/** Where a route is found. v1 and v2 have the same one under different paths. */
type Place = Pick<ApiRoute, 'endpoint' | 'path'>

/** The statuses of one backend as an event stream, which every page may read. */
export function statusStream<State>(
  { backends, heartbeats }: ApiContext,
  place: Place,
  statesOf: (backend: Backend) => Feed<State>,
): ApiRoute {
  return {
    ...place,
    method: 'GET',
    auth: false,
    cors: true,
    handle: (routed) =>
      streamFeed(routed, statesOf(backends.existing(routed.params.name)), {
        heartbeats,
        data: (state) => JSON.stringify(state),
      }),
  }
}

/** The log of one backend as an event stream. */
export function logStream({ backends, heartbeats }: ApiContext, place: Place): ApiRoute {
  return {
    ...place,
    method: 'GET',
    auth: true,
    cors: false,
    handle: (routed) =>
      streamFeed(routed, backends.existing(routed.params.name).log.lines, {
        heartbeats,
        data: (line) => line,
      }),
  }
}
