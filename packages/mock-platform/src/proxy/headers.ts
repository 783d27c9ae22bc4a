import type { IncomingMessage } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import type { ProxyTarget } from './route.ts'

/** Headers as they were sent: name, value, name, value, and so on. */
export type RawHeaders = string[]

/** Headers as a parser returns them: the same list, as strings or as bytes. */
export type ReceivedHeaders = readonly (string | Buffer)[]

/** Fields that belong to one connection and are never passed on. RFC 9110, section 7.6.1. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Fields that the proxy sets itself. A client's values must not be trusted. */
const OWN: ReadonlySet<string> = new Set([
  'content-length',
  'expect',
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
])
/** Fields of an answer that affect the whole origin, including the pages of other backends that share it. */
const OF_THE_ORIGIN: ReadonlySet<string> = new Set(['clear-site-data', 'service-worker-allowed'])
const VERIFIED = 'x-verified-'

/**
 * The headers of a request for the backend: without those of the client's connection, and with those in which
 * the platform names the user. Throws `bad_request` if the request is ambiguous.
 */
export function requestHeaders(
  request: IncomingMessage,
  verified: Readonly<Record<string, string>>,
  { originalPath, protocol }: Pick<ProxyTarget, 'originalPath' | 'protocol'>,
): RawHeaders {
  const raw = request.rawHeaders
  const named = connectionOptions(request.headers.connection)
  const headers: RawHeaders = []
  let hosts = 0
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const key = canonical(name)
    if (key === 'host') hosts++
    if (key === 'transfer-encoding' && raw[i + 1]?.trim().toLowerCase() !== 'chunked') {
      // RFC 9112, section 6.1: a transfer coding that is not understood is answered with 501.
      throw new SessionBackendError('bad_request', 'The only transfer coding is chunked.', { status: 501 })
    }
    if (HOP_BY_HOP.has(key) || OWN.has(key) || named?.has(key) || key.startsWith(VERIFIED)) continue
    headers.push(name, raw[i + 1] ?? '')
  }
  // RFC 9112, section 3.2: more than one Host is answered with 400.
  if (hosts > 1) throw new SessionBackendError('bad_request', 'The request names more than one host.')
  if (request.headers.host !== undefined) headers.push('host', request.headers.host)
  headers.push('x-forwarded-for', request.socket.remoteAddress ?? 'unknown')
  headers.push('x-forwarded-proto', protocol)
  // The backend's pages are below it, which the path that the backend is asked for doesn't tell.
  headers.push('x-verified-path', originalPath)
  for (const name in verified) headers.push(name, verified[name] ?? '')
  return headers
}

/**
 * The headers of a backend's answer as the client may see them. Every origin may read an answer whose backend
 * says nothing about that; one that does speaks for itself. On a shared origin no answer acts on all of it: a
 * service worker's scope ends at its own folder, for example.
 */
export function responseHeaders(
  raw: ReceivedHeaders,
  { status, method, sharedOrigin }: { status: number; method: string | undefined; sharedOrigin: boolean },
): RawHeaders {
  // RFC 9110, section 8.6: a 204 has no Content-Length.
  const headers = endToEnd(
    raw,
    (name) => (status === 204 && name === 'content-length') || (sharedOrigin && OF_THE_ORIGIN.has(name)),
  )
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase().startsWith('access-control-')) return headers
  }
  headers.push('access-control-allow-origin', '*')
  if (method === 'OPTIONS') {
    headers.push('access-control-allow-methods', '*', 'access-control-allow-headers', '*, authorization')
  }
  return headers
}

/** Headers without those of the connection they came by, and without those that are `unwanted`. */
export function endToEnd(raw: ReceivedHeaders, unwanted = (_name: string): boolean => false): RawHeaders {
  const headers: RawHeaders = []
  let named: Set<string> | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = text(raw[i])
    const key = canonical(name)
    if (key === 'connection') named = connectionOptions(text(raw[i + 1]), named)
    if (!HOP_BY_HOP.has(key) && !unwanted(key)) headers.push(name, text(raw[i + 1]))
  }
  if (named === undefined) return headers
  const options = named
  return headers.filter((_, i) => !options.has(canonical(headers[i - (i % 2)] ?? '')))
}

/** Headers by twos. */
export function pairs(headers: RawHeaders): [name: string, value: string][] {
  const result: [string, string][] = []
  for (let i = 0; i + 1 < headers.length; i += 2) result.push([headers[i] ?? '', headers[i + 1] ?? ''])
  return result
}

/**
 * A status message, Latin-1 as headers are, without the control characters that node reads but does not
 * write.
 */
export function statusMessage(message: string): string {
  return message.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
}

/** Header bytes are Latin-1 both ways, so that what was sent is what arrives. */
function text(value: string | Buffer | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '')
}

/** Many servers give `x_verified_user` and `X-Verified-User` to the program under the same name. */
function canonical(name: string): string {
  const lower = name.toLowerCase()
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower
}

/** The fields that a `Connection` header names; `undefined` for the usual ones, which name none. */
function connectionOptions(value: string | undefined, seen?: Set<string>): Set<string> | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return seen
  const options = seen ?? new Set<string>()
  for (const option of value.split(',')) options.add(canonical(option.trim()))
  return options
}
