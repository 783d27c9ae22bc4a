import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint } from '../faults/endpoints.ts'

/** The parts of a path that a route names. */
export type Params = Readonly<Record<string, string>>

/** One request to the API that belongs to a route, and its response. */
export interface RoutedRequest {
  request: IncomingMessage
  response: ServerResponse
  params: Params
}

/** One endpoint. */
export interface ApiRoute {
  endpoint: Endpoint
  method: 'GET' | 'POST'
  /** `:word` stands for one segment. */
  path: string
  /** Whether it needs the access token. */
  auth: boolean
  /** Whether pages of all origins may read the answer. Specification: "CORS". */
  cors: boolean
  /** What it returns is sent as JSON; what has answered by itself returns nothing. */
  handle(routed: RoutedRequest): unknown
}

/** What a path leads to. */
export interface Match {
  routes: ApiRoute[]
  params: Params
}

/** Finds the routes of a path, bare or under `/v1`; one for each method. */
export function matchRoutes(routes: readonly ApiRoute[], pathname: string): Match | undefined {
  const segments = split(pathname)
  if (segments[0] === 'v1') segments.shift()
  const matching = routes.filter(({ path }) => matches(split(path), segments))
  const [first] = matching
  if (!first) return undefined
  const params = Object.fromEntries(
    split(first.path).flatMap((part, i) =>
      part.startsWith(':') ? [[part.slice(1), segments[i] ?? '']] : [],
    ),
  )
  return { routes: matching, params }
}

function matches(pattern: string[], segments: string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
  )
}

function split(path: string): string[] {
  return path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decode)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
