import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import type { Faults } from '../faults/faults.ts'
import { sendError, sendJson } from '../server/answers.ts'
import { checkAuthorization } from './auth.ts'
import { strike } from './faulty-answer.ts'
import { type ApiRoute, matchRoutes } from './router.ts'

/** Options of {@link createApi}. */
export interface ApiOptions {
  routes: readonly ApiRoute[]
  /** The access token. */
  token: string
  faults: Faults
  clock: Clock
  onProblem: (problem: unknown) => void
}

/** Answers requests to the API: one funnel, which turns every error into an answer. */
export function createApi({ routes, token, faults, clock, onProblem }: ApiOptions) {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [pathname = ''] = (request.url ?? '').split('?')
    const match = matchRoutes(routes, pathname)
    if (!match) throw new SessionBackendError('not_found', 'There is no such endpoint.')
    const cors = match.routes.some((route) => route.cors)
    const methods = [...match.routes.map(({ method }) => method), 'OPTIONS']
    if (cors) response.setHeader('access-control-allow-origin', '*')
    if (request.method === 'OPTIONS') {
      if (cors) allowPreflight(response, methods)
      response.writeHead(204, { allow: methods.join(', ') }).end()
      return
    }
    // To HEAD node sends the head only. RFC 9110, section 9.3.2.
    const asked = request.method === 'HEAD' ? 'GET' : request.method
    const route = match.routes.find(({ method }) => method === asked)
    if (!route) {
      response.setHeader('allow', methods.join(', '))
      throw new SessionBackendError('method_not_allowed', `The endpoint takes ${methods.join(', ')}.`)
    }
    const fault = faults.strikeAnswer(route.endpoint)
    if (fault && !(await strike(fault, request, response, clock))) return
    if (route.auth) checkAuthorization(request, token)
    const value = await route.handle({ request, response, params: match.params })
    if (value !== undefined) sendJson(response, 200, value)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      // A client that has left needs no answer, and its unfinished request is not a bug of ours.
      if (response.destroyed) return
      if (!(error instanceof SessionBackendError)) onProblem(error)
      sendError(response, error)
      request.resume()
    })
  }
}

/** Answers the preflight request of a page. */
function allowPreflight(response: ServerResponse, methods: string[]): void {
  response.setHeader('access-control-allow-methods', methods.join(', '))
  response.setHeader('access-control-allow-headers', 'accept, cache-control, content-type, last-event-id')
  response.setHeader('access-control-max-age', '600')
}
