import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RouteParams } from './common/document.ts'
import { RESPOND } from './http/incoming.ts'
import { fromNode, pathOf, sendToNode } from './http/node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/** What Express adds to a request, in terms that Express 4 and 5 share. */
interface ExpressRequest extends IncomingMessage {
  /** The mount, which Express removes from `url`; empty without a mount. */
  baseUrl?: string
  params?: RouteParams
}

/** Express middleware, in terms that Express 4 and 5 share. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Creates middleware for Express 4 and 5. Mount it before or after body parsers:
 * `app.use('/api/sessions', expressMiddleware(sessionBackends))`. Without a mount path, as in
 * `app.use(expressMiddleware(…))`, the routes are below `basePath`.
 *
 * It answers every request and never calls `next()` without an error. Unexpected errors are passed to the
 * app's error middleware, as an `internal` error with its `cause`.
 */
export function expressMiddleware(sessionBackends: SessionBackends): ExpressMiddleware {
  return async (request, response, next) => {
    try {
      const path = pathOf(request)
      const target = request.baseUrl ? { belowMount: path } : { path }
      const incoming = fromNode(request, response, target, { ...request.params })
      const outgoing = await sessionBackends[RESPOND](incoming)
      if (outgoing.error) next(withoutStack(outgoing.error))
      else await sendToNode(outgoing, response)
    } catch (error) {
      next(error)
    }
  }
}

/** Outside production, Express shows an error's stack to the browser if the app has no error middleware. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`
  return error
}
