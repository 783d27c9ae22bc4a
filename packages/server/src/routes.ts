import { SessionBackendError } from '@session-backend/core'
import type { Action } from './common/document.ts'
import { eventStream, jsonAnswer, noContent } from './http/answers.ts'
import type { Incoming, Outgoing } from './http/incoming.ts'
import type { Settings } from './options.ts'
import type { Served, StreamRelay } from './relay/relay.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { Visit } from './sessions/visit.ts'

/** One route: the action that `authorize` decides about, and what the route does for an authorized user. */
export interface Route {
  action: Action
  enabled: boolean
  run(visit: Visit, incoming: Incoming): Promise<Outgoing>
}

/** By the path after the document id, then by method. */
export type Routes = ReadonlyMap<string | undefined, ReadonlyMap<string, Route>>

/** The routes below the mount. PROTOCOL.md: "The route". */
export function createRoutes(
  settings: Pick<Settings, 'platform' | 'terminate' | 'logs'>,
  sessions: Sessions,
  relay: StreamRelay,
): Routes {
  const read: Route = {
    action: 'read',
    enabled: true,
    run: async (visit) => jsonAnswer(200, await sessions.find(visit)),
  }
  const open: Route = {
    action: 'open',
    enabled: true,
    run: async (visit) => jsonAnswer(200, await sessions.open(visit)),
  }
  const terminate: Route = {
    action: 'terminate',
    enabled: settings.terminate,
    async run(visit) {
      await sessions.terminate(visit)
      return jsonAnswer(200, { status: 'ok' })
    },
  }
  async function servedBy(visit: Visit, incoming: Incoming): Promise<Served> {
    const ref = new URL(incoming.toRequest().url).searchParams.get('ref')
    return { name: await sessions.findLast(visit, ref ?? undefined), documentId: visit.documentId }
  }

  const status: Route = {
    action: 'read',
    enabled: true,
    async run(visit, incoming) {
      const served = await servedBy(visit, incoming)
      const lastEventId = incoming.header('last-event-id')
      if (relay.isComplete(served, lastEventId)) return noContent()
      return eventStream((signal) => relay.status(served, lastEventId, signal))
    },
  }
  const logs: Route = {
    action: 'logs',
    enabled: settings.logs,
    async run(visit, incoming) {
      // Before the stream begins: a reader of a stream that breaks off comes back for ever.
      if (!settings.platform.logs) throw new SessionBackendError('not_supported', 'This engine has no logs.')
      const served = await servedBy(visit, incoming)
      if (relay.isComplete(served, incoming.header('last-event-id'))) return noContent()
      return eventStream((signal) => relay.logs(served, signal))
    },
  }

  return new Map([
    [
      undefined,
      new Map([
        ['GET', read],
        ['POST', open],
        ['DELETE', terminate],
      ]),
    ],
    ['status', new Map([['GET', status]])],
    ['logs', new Map([['GET', logs]])],
  ])
}

/** The methods of a place that are enabled, as in an `Allow` header. */
export function methodsOf(routes: ReadonlyMap<string, Route>): string {
  const enabled = [...routes].filter(([, route]) => route.enabled)
  return enabled.map(([method]) => method).join(', ')
}
