import { SessionBackendError } from '@session-backend/core'
import type { Action } from './common/document.ts'
import {
  errorAnswer,
  eventStream,
  failureAnswer,
  jsonAnswer,
  noContent,
  toPublicError,
} from './http/answers.ts'
import type { Incoming, Outgoing, Respond } from './http/incoming.ts'
import { checkBody } from './http/request-body.ts'
import type { Settings } from './options.ts'
import type { Served, StreamRelay } from './relay/relay.ts'
import type { ErrorEvent } from './reports/events.ts'
import type { Reports } from './reports/reports.ts'
import { tracedAction } from './reports/telemetry.ts'
import { decide } from './request/authorize.ts'
import { preflightAnswer, withCors } from './request/cors.ts'
import { checkOrigin } from './request/origin-check.ts'
import { placeOf } from './request/target.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { Visit } from './sessions/visit.ts'

/** One route: the action that `authorize` decides about, and what the route does for an authorized user. */
interface Route {
  action: Action
  enabled: boolean
  run(visit: Visit, incoming: Incoming): Promise<Outgoing>
}

/** Answers every request below the mount, and never throws. PROTOCOL.md: "The route". */
export function createHandler(
  settings: Settings,
  sessions: Sessions,
  relay: StreamRelay,
  reports: Reports,
): Respond {
  const { authorize, basePath, trustedOrigins, clock } = settings

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
      const served = await servedBy(visit, incoming)
      if (relay.isComplete(served, incoming.header('last-event-id'))) return noContent()
      return eventStream((signal) => relay.logs(served, signal))
    },
  }

  /** By the path after the document id, then by method. */
  const routes = new Map<string | undefined, Map<string, Route>>([
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

  async function answer(incoming: Incoming, event: ErrorEvent): Promise<Outgoing> {
    const place = placeOf(incoming.target, basePath)
    const methods = place && routes.get(place.resource)
    if (!methods) throw noRoute()
    if (incoming.method === 'OPTIONS') return preflightAnswer(incoming, methodsOf(methods), trustedOrigins)
    const route = methods.get(incoming.method)
    if (!route) throw new MethodNotAllowed(methodsOf(methods))
    if (!route.enabled) throw noRoute()
    event.action = route.action
    const documentId = place.documentId()
    event.documentId = documentId
    if (incoming.method !== 'GET') checkOrigin(incoming, trustedOrigins)
    if (incoming.method === 'POST') checkBody(await incoming.body())
    return tracedAction(route.action, documentId, async () => {
      const document = { documentId, params: incoming.params }
      const decision = await decide(authorize, incoming, document, route.action, clock)
      return route.run({ ...document, ...decision, abort: incoming.abort }, incoming)
    })
  }

  async function answerOrFailure(incoming: Incoming): Promise<Outgoing> {
    const event: ErrorEvent = {}
    try {
      return await answer(incoming, event)
    } catch (error) {
      // The client has left: nobody reads the answer, and what it aborted is not a failure.
      if (incoming.abort.aborted) return errorAnswer(toPublicError(error))
      reports.failed(error, event)
      return failureAnswer(error, error instanceof MethodNotAllowed ? { allow: error.allow } : {})
    }
  }

  return async (incoming) => withCors(await answerOrFailure(incoming), incoming, trustedOrigins)
}

function noRoute(): SessionBackendError {
  return new SessionBackendError('not_found', 'There is no such route.')
}

function methodsOf(routes: Map<string, Route>): string {
  const enabled = [...routes].filter(([, route]) => route.enabled)
  return enabled.map(([method]) => method).join(', ')
}

class MethodNotAllowed extends SessionBackendError {
  constructor(readonly allow: string) {
    super('method_not_allowed', `This route takes ${allow}.`)
  }
}
