import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromRequest, toResponse } from './bridges/fetch-bridge.ts'
import { fromNode, sendToNode } from './bridges/node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/** The dynamic segments of a route, as Next decoded them. */
type Params = Record<string, string | string[] | undefined>

/** A route handler of the App Router. */
export type RouteHandler = (request: Request, context: { params: Promise<Params> }) => Promise<Response>

/**
 * The routes for the App Router, in `app/api/sessions/[...path]/route.ts`:
 * `export const { GET, POST, DELETE } = routeHandlers(sessionBackends)`.
 *
 * Each handler authorises by itself, whatever a middleware did before.
 */
export function routeHandlers(
  sessionBackends: SessionBackends,
): Record<'GET' | 'POST' | 'DELETE', RouteHandler> {
  const handler: RouteHandler = async (request, { params }) => {
    const path = belowRoute(new URL(request.url).pathname, await params)
    return toResponse(await sessionBackends.respond(fromRequest(request, path)), request.signal)
  }
  return { GET: handler, POST: handler, DELETE: handler }
}

/**
 * The routes for the Pages Router, in `pages/api/sessions/[...path].ts`:
 * `export default apiRoute(sessionBackends)`. Next's body parser may be on or off.
 */
export function apiRoute(
  sessionBackends: SessionBackends,
): (request: IncomingMessage & { query: Params }, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const path = belowRoute((request.url ?? '/').replace(/[?#].*$/s, ''), request.query)
    const incoming = fromNode(request, response, path)
    await sendToNode(await sessionBackends.respond(incoming), response, incoming.caller)
  }
}

/**
 * The end of the path, as it was sent, that holds the document and what follows it; Next hands the dynamic segments out
 * decoded. `[...path]` goes to the end. The last of the single segments is the document's, and what comes after
 * it, such as `status`, is a folder of the app's. Where nothing matches, the handler looks for `basePath`.
 */
function belowRoute(pathname: string, params: Params): string {
  const sent = pathname.replace(/\/$/, '').split('/')
  const values = Object.values(params).reverse()
  const lists = values.filter((value) => Array.isArray(value))
  const singles = values.flatMap((value) => (typeof value === 'string' ? [[value]] : []))
  for (const end of [sent.length, sent.length - 1]) {
    for (const matched of end === sent.length ? [...lists, ...singles] : singles) {
      const start = end - matched.length
      if (matched.length > 0 && start > 0 && matched.every((part, i) => isSame(sent[start + i], part))) {
        return `/${sent.slice(start).join('/')}`
      }
    }
  }
  return pathname
}

function isSame(sent: string | undefined, decoded: string): boolean {
  if (sent === undefined || sent === decoded) return true
  try {
    return decodeURIComponent(sent) === decoded
  } catch {
    return false
  }
}
