import type { IncomingMessage, ServerResponse } from 'node:http'
import { invalidOption, SessionBackendError } from '@session-backend/core/internal'
import type { RouteParams } from './common/document.ts'
import { fromRequest, toResponse } from './http/fetch-bridge.ts'
import { RESPOND, type Target } from './http/incoming.ts'
import { fromNode, sendToNode } from './http/node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/** Options of {@link routeHandlers} and {@link apiRoute}. */
export interface NextRouteOptions {
  /**
   * The name of the dynamic segment that holds the document's id: `doc` for
   * `app/[doc]/[kind]/[[...rest]]/route.ts`. Default: `path` if there is a `[...path]`; otherwise the last
   * segment that isn't a catch-all; otherwise the catch-all.
   */
  documentId?: string | undefined
}

/** A route handler of the App Router. */
export type RouteHandler = (request: Request, context: { params: Promise<RouteParams> }) => Promise<Response>

/**
 * Creates the routes for the App Router, in `app/api/sessions/[...path]/route.ts`:
 * `export const { GET, POST, DELETE } = routeHandlers(sessionBackends)`, and `OPTIONS` for `trustedOrigins`.
 *
 * The document's id is the segment that Next's router matched, after all rewrites. Each handler calls
 * `authorize` itself and doesn't rely on middleware.
 */
export function routeHandlers(
  sessionBackends: SessionBackends,
  options: NextRouteOptions = {},
): Record<'GET' | 'POST' | 'DELETE' | 'OPTIONS', RouteHandler> {
  const handler: RouteHandler = async (request, context) => {
    const params: RouteParams | undefined = await context.params
    const target = params === undefined ? { unknown: staticRoute() } : targetOf(params, options)
    const incoming = fromRequest(request, target, params)
    return toResponse(await sessionBackends[RESPOND](incoming), request)
  }
  return { GET: handler, POST: handler, DELETE: handler, OPTIONS: handler }
}

/**
 * Creates the routes for the Pages Router, in `pages/api/sessions/[...path].ts`:
 * `export default apiRoute(sessionBackends)`. Next's body parser may be on or off.
 */
export function apiRoute(
  sessionBackends: SessionBackends,
  options: NextRouteOptions = {},
): (request: IncomingMessage & { query: RouteParams }, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const target = apiTargetOf(request, options)
    const incoming = fromNode(request, response, target, request.query)
    await sendToNode(await sessionBackends[RESPOND](incoming), response)
  }
}

/** Next passes no `params` to a route without a dynamic segment. */
const staticRoute = () =>
  new SessionBackendError(
    'invalid_option',
    '`route.ts` must be in a folder with a dynamic segment, such as `app/api/sessions/[...path]`, got a route without one.',
  )

/** The target depends on the route's shape, never on the content of a segment, which the client chooses. */
function targetOf(params: RouteParams, { documentId }: NextRouteOptions): Target {
  const names = Object.keys(params).filter((name) => params[name] !== undefined)
  const lists = names.filter((name) => typeof params[name] !== 'string')
  const single = names.filter((name) => typeof params[name] === 'string').at(-1)
  const path = lists.find((name) => name === 'path')
  const name = documentId ?? path ?? single ?? lists[0]
  const document = name === undefined ? undefined : params[name]
  if (document === undefined) return { segments: [] }
  if (typeof document !== 'string') return { segments: document }
  return { segments: [document, ...lists.flatMap((list) => params[list] ?? [])] }
}

/**
 * Next mixes an API route's segments with the query string. A segment replaces a query parameter of the same
 * name, so a named document and `path` are certain. Other segments are certain only if the client has sent no
 * query string.
 */
function apiTargetOf(
  { query, url = '' }: IncomingMessage & { query: RouteParams },
  options: NextRouteOptions,
): Target {
  const sent = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1])
  const { documentId } = options
  const segments = Object.entries(query).filter(([name]) => name === documentId || !sent.has(name))
  const params = Object.fromEntries(segments)
  if (documentId !== undefined || Array.isArray(params.path) || sent.size === 0)
    return targetOf(params, options)
  return {
    unknown: invalidOption(
      'documentId',
      "the name of the document's segment, as in `apiRoute(sessionBackends, { documentId: 'id' })`",
      documentId,
      'nothing: the query string may hide which segment it is',
    ),
  }
}
