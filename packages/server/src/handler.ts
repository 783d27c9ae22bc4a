import { SessionBackendError } from '@session-backend/core'
import { errorAnswer, failureAnswer, toPublicError } from './http/answers.ts'
import type { Incoming, Outgoing, Respond } from './http/incoming.ts'
import { checkBody } from './http/request-body.ts'
import type { Settings } from './options.ts'
import type { StreamRelay } from './relay/relay.ts'
import type { ErrorEvent } from './reports/events.ts'
import type { Reports } from './reports/reports.ts'
import { tracedAction } from './reports/telemetry.ts'
import { decide } from './request/authorize.ts'
import { preflightAnswer, withCors } from './request/cors.ts'
import { openingOf } from './request/opening.ts'
import { checkOrigin } from './request/origin-check.ts'
import { placeOf } from './request/target.ts'
import { createRoutes, methodsOf } from './routes.ts'
import type { Sessions } from './sessions/sessions.ts'

/** Answers every request below the mount, and never throws. PROTOCOL.md: "The route". */
export function createHandler(
  settings: Settings,
  sessions: Sessions,
  relay: StreamRelay,
  reports: Reports,
): Respond {
  const { authorize, basePath, platform, trustedOrigins, clock } = settings

  const routes = createRoutes(settings, sessions, relay)

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
    const { action } = route
    const opening = openingOf((name) => incoming.header(name), clock.now())
    const { traceparent } = opening
    return tracedAction({ action, documentId, service: platform.service, traceparent }, async () => {
      const document = { documentId, params: incoming.params }
      const decision = await decide(authorize, incoming, document, action, clock)
      opening.times.authorized = clock.now()
      return route.run({ ...document, ...decision, opening, abort: incoming.abort }, incoming)
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

class MethodNotAllowed extends SessionBackendError {
  constructor(readonly allow: string) {
    super('method_not_allowed', `This route takes ${allow}.`)
  }
}
