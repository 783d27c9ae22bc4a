import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromNode, sendToNode } from './bridges/node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/** Express middleware, in terms that Express 4 and 5 share. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * The routes as Express middleware, for Express 4 and 5, before or after body parsers:
 * `app.use('/api/sessions', expressMiddleware(sessionBackends))`.
 *
 * Every request below the mount is answered. What nobody foresaw goes to the app's error middleware instead, as an
 * `internal` error with its `cause`.
 */
export function expressMiddleware(sessionBackends: SessionBackends): ExpressMiddleware {
  return async (request, response, next) => {
    try {
      const incoming = fromNode(request, response)
      const outgoing = await sessionBackends.respond(incoming)
      if (outgoing.error) next(withoutStack(outgoing.error))
      else await sendToNode(outgoing, response, incoming.caller)
    } catch (error) {
      next(error)
    }
  }
}

/** Outside production, Express shows an error's stack to the browser where the app has no error middleware. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`
  return error
}
