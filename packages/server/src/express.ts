import type { Request, RequestHandler, Response } from 'express'
import { fromNode, sendToNode } from './node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/**
 * The routes as Express middleware, for Express 4 and 5, before or after body parsers:
 * `app.use('/api/sessions', expressMiddleware(sessionBackends))`.
 *
 * Every request below the mount is answered. What nobody foresaw goes to the app's error middleware instead, as an
 * `internal` error with its `cause`.
 */
export function expressMiddleware(sessionBackends: SessionBackends): RequestHandler {
  return (request: Request, response: Response, next) => {
    const incoming = fromNode(request, response)
    sessionBackends
      .respond(incoming)
      .then((outgoing) =>
        outgoing.error === undefined
          ? sendToNode(outgoing, response, incoming.signal)
          : next(withoutStack(outgoing.error)),
      )
      .catch(next)
  }
}

/** Outside production, Express shows an error's stack to the browser where the app has no error middleware. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`
  return error
}
