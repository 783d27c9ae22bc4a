import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import { systemClock } from '@session-backend/core/internal'
import type { RouteParams } from '../common/document.ts'
import type { LazyAbort } from '../common/lazy-abort.ts'
import { type Incoming, type Outgoing, READER_PATIENCE, type Target } from './incoming.ts'
import { isClosed, nodeAbort } from './node-abort.ts'
import {
  checkContentLength,
  checkContentType,
  MAX_BODY,
  notReadable,
  parseBody,
  tooLarge,
} from './request-body.ts'

/** Node's request, as the handler sees it. */
class NodeIncoming implements Incoming {
  readonly method: string
  readonly abort: LazyAbort

  constructor(
    readonly nodeRequest: IncomingMessage,
    response: ServerResponse,
    readonly target: Target,
    readonly params: RouteParams,
  ) {
    this.method = nodeRequest.method ?? 'GET'
    this.abort = nodeAbort(response)
  }

  header(name: string): string | undefined {
    if (name === 'host') return hostOf(this.nodeRequest)
    return joined(name, this.nodeRequest.headers[name])
  }

  /** Built only when `authorize` reads it, because it would be most of the cost of a Node request. */
  toRequest(): Request {
    return toRequest(this.nodeRequest, this.abort)
  }

  async body(): Promise<unknown> {
    const { nodeRequest } = this
    const length = this.header('content-length')
    checkContentLength(length)
    if (Number(length ?? 0) === 0 && this.header('transfer-encoding') === undefined) return undefined
    const type = this.header('content-type')
    if (nodeRequest.readableEnded) return parsedBefore(nodeRequest, type)
    return parseBody(await readBody(nodeRequest).catch(notReadable), type)
  }
}

/** Converts a Node request for the handler. */
export function fromNode(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target = { path: pathOf(request) },
  params: RouteParams = {},
): Incoming {
  return new NodeIncoming(request, response, target, params)
}

/** The path of the request's target, as it was sent; proxies send the whole URL. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return withoutOrigin(url).replace(/[?#].*$/s, '')
}

const ORIGIN = /^https?:\/\/([^/?#]*)/i

function withoutOrigin(target: string): string {
  return target.replace(ORIGIN, '')
}

/** Joins a header's values as Node documents. Middleware may set values that are not strings. */
function joined(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ', ') : String(value)
}

/** The body as an earlier body parser left it. */
function parsedBefore(
  { body }: IncomingMessage & { body?: unknown },
  contentType: string | undefined,
): unknown {
  if (body === undefined || body === '') return undefined
  checkContentType(contentType)
  return body
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array))
      throw new SessionBackendError('internal', 'The body was read as text before.')
    bytes += chunk.byteLength
    if (bytes > MAX_BODY) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/**
 * Has the headers as the framework shows them: middleware may have removed or replaced what a client sent.
 */
function toRequest(request: IncomingMessage, abort: LazyAbort): Request {
  const made = new LazyRequest(urlOf(request), { method: request.method ?? 'GET' }, abort)
  for (const [name, value] of Object.entries(request.headers)) {
    const text = joined(name, value)
    // HTTP/2 has the method and the target among its headers.
    if (text !== undefined && !name.startsWith(':')) made.headers.set(name, text)
  }
  return made
}

/**
 * A Request whose signal is created when it is first read: a signal in the constructor costs more than the
 * rest of the Request.
 */
class LazyRequest extends Request {
  readonly #abort: LazyAbort

  constructor(url: string, init: RequestInit, abort: LazyAbort) {
    super(url, init)
    this.#abort = abort
  }

  override get signal(): AbortSignal {
    return this.#abort.signal
  }
}

/**
 * A client may send any host and target. A host that doesn't result in a valid URL is left out. Every path
 * results in one.
 */
function urlOf(request: IncomingMessage): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const host = hostOf(request) ?? ''
  const origin = `${scheme}://${/[@/\\?#]/.test(host) ? '' : host}`
  const base = URL.canParse(origin) ? origin : `${scheme}://localhost`
  // Not resolved against the base: `//evil.example` would be another host.
  return base + withoutOrigin(originalUrl(request)).replace(/^(?!\/)/, '/')
}

/**
 * If the target is a whole URL, its host counts and the header doesn't (RFC 9112, section 3.2.2). HTTP/2 has
 * `:authority`.
 */
function hostOf(request: IncomingMessage): string | undefined {
  const { headers } = request
  const [, host] = ORIGIN.exec(originalUrl(request)) ?? []
  return host ?? joined('host', headers.host ?? headers[':authority'])
}

/** Returns the whole URL, even if a framework has removed the mount path. */
function originalUrl(request: IncomingMessage & { originalUrl?: unknown }): string {
  return typeof request.originalUrl === 'string' ? request.originalUrl : (request.url ?? '/')
}

/**
 * Sends the answer. A stream that fails is cut off, so that no reader takes it for complete, and so is a
 * response that other code has begun.
 */
export async function sendToNode(
  { status, headers, body }: Outgoing,
  response: ServerResponse & { flush?: () => void },
  clock: Clock = systemClock,
): Promise<void> {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.statusCode = status
  // Only own properties: a library may have extended Object.prototype.
  for (const name of Object.keys(headers)) response.setHeader(name, headers[name] ?? '')
  if (typeof body === 'string') {
    response.end(body)
    return
  }
  // A closed response has no reader, also if other code ended it.
  const reader = new AbortController()
  response.on('close', () => reader.abort())
  if (isClosed(response)) reader.abort()
  const { signal } = reader
  response.flushHeaders()
  try {
    for await (const chunk of body(signal)) {
      const ready = response.write(chunk)
      // Compression middleware holds data back until it is flushed.
      response.flush?.()
      if (!ready) await drained(response, reader, clock)
    }
    response.end()
  } catch {
    response.destroy()
  }
}

/**
 * Resolves when the reader has taken what was sent. A reader that takes nothing for a minute counts as gone.
 */
async function drained(response: ServerResponse, reader: AbortController, clock: Clock): Promise<void> {
  const cancel = clock.after(READER_PATIENCE, () => reader.abort())
  try {
    await once(response, 'drain', { signal: reader.signal })
  } finally {
    cancel()
  }
}
