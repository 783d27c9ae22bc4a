import type { Session } from '@session-backend/core'
import {
  errorCodeOf,
  isErrorCode,
  isRecord,
  parseJson,
  parseSession,
  refusalOf,
  SessionBackendError,
} from '@session-backend/core/internal'

/** How sessions reach the app's route. */
export interface RouteOptions {
  /**
   * The path or URL at which the app mounts the route, for example `/api/sessions`. PROTOCOL.md: "The route".
   */
  endpoint?: string | undefined
  /** Sent to the app's route only. A function is called before each request: return a fresh token from it. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>) | undefined
  /** As in `fetch`: `include` sends cookies to a route on another origin. Default `same-origin`. */
  credentials?: RequestCredentials | undefined
  /** Makes every request, including those to the platform's status stream. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
}

/** What a request to the app's route needs. */
export interface RouteRequest extends RouteOptions {
  documentId: string
  signal: AbortSignal
}

/** The address of a document below the app's route. PROTOCOL.md: "The route". */
export function routeUrl({ endpoint, documentId }: RouteRequest): string {
  // A URL has no segment that is empty, `.` or `..`, not even a percent-encoded one, and no lone surrogate.
  if (/^\.{0,2}$|[\ud800-\udfff]/u.test(documentId)) {
    throw new SessionBackendError('bad_request', `"${documentId}" can't be a document id.`)
  }
  return `${withoutEndSlash(endpoint)}/${encodeURIComponent(documentId)}`
}

/** An endpoint is the same with and without a slash at its end. */
export function withoutEndSlash(endpoint = ''): string {
  return endpoint.endsWith('/') ? endpoint.slice(0, -1) : endpoint
}

/** `fetch` with the headers and credentials of every request to the app's route. */
export async function fetchRoute(request: RouteOptions, url: string, init: RequestInit): Promise<Response> {
  const { fetch = globalThis.fetch, headers, credentials } = request
  const all = new Headers(typeof headers === 'function' ? await headers() : headers)
  for (const [name, value] of new Headers(init.headers)) all.set(name, value)
  return fetch(url, { ...init, headers: all, ...(credentials && { credentials }) })
}

/**
 * Asks the app's route for a session: `POST` spawns or fetches the backend, `GET` fetches only.
 *
 * @throws SessionBackendError with the code that the route answered; `platform_error` if it can't be
 * reached or doesn't answer as a route does.
 */
export async function requestSession(request: RouteRequest, method: 'GET' | 'POST'): Promise<Session> {
  const url = routeUrl(request)
  const response = await orUnreachable(url, () =>
    fetchRoute(request, url, { method, signal: request.signal }),
  )
  const body = parseJson(await orUnreachable(url, () => response.text()))
  const { ok, status } = response
  const session = ok ? parseSession(body) : undefined
  if (session) return session
  const { code, message } = isRecord(body) && isRecord(body.error) ? body.error : {}
  // A proxy in front of the app sends no code.
  const byStatus = errorCodeOf(status) ?? (ok || status >= 500 ? 'platform_error' : 'bad_request')
  const advice = status < 429 ? ' without a session: check `endpoint`' : ''
  throw new SessionBackendError(
    isErrorCode(code) ? code : byStatus,
    typeof message === 'string' ? message : `${method} ${url} answered ${status}${advice}.`,
    ok ? {} : refusalOf(response, Date.now()),
  )
}

/** Turns a failure of the network into one of our errors. */
export async function orUnreachable<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    // The app's `headers` may throw it if nobody is signed in.
    if (cause instanceof SessionBackendError) throw cause
    throw new SessionBackendError('platform_error', `${url} could not be reached.`, { cause })
  }
}

/** Whether another attempt may succeed. PROTOCOL.md: "Errors". */
export function isTemporary(error: unknown): error is SessionBackendError {
  return error instanceof SessionBackendError && (error.status === 429 || error.status > 501)
}
