import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SessionBackendError } from '@session-backend/core'
import type { Caller } from '../caller.ts'
import type { Incoming, Outgoing } from '../exchange.ts'
import {
  checkContentLength,
  checkContentType,
  MAX_BODY,
  notReadable,
  parseBody,
  tooLarge,
} from '../request/request-body.ts'
import { nodeCaller } from './node-caller.ts'

/** Node's request, as the handler sees it. */
class NodeIncoming implements Incoming {
  readonly method: string
  readonly caller: Caller

  constructor(
    readonly nodeRequest: IncomingMessage,
    response: ServerResponse,
    readonly path: string,
  ) {
    this.method = nodeRequest.method ?? 'GET'
    this.caller = nodeCaller(response)
  }

  header(name: string): string | undefined {
    if (name === 'host') return hostOf(this.nodeRequest)
    const value = this.nodeRequest.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** Built when `authorize` asks for it: most of what the Node path would otherwise cost. */
  toRequest(): Request {
    return toRequest(this.nodeRequest, this.caller)
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

/** Makes what the handler takes of a Node request. */
export function fromNode(
  request: IncomingMessage,
  response: ServerResponse,
  url = request.url ?? '/',
): Incoming {
  return new NodeIncoming(request, response, url.replace(/[?#].*$/s, ''))
}

/** What a body parser has left, if one ran before. */
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

function toRequest(request: IncomingMessage, caller: Caller): Request {
  const { method = 'GET', rawHeaders } = request
  const made = new LeavableRequest(urlOf(request), { method }, caller)
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    // HTTP/2 has the method and the target among its headers.
    if (!name.startsWith(':')) made.headers.append(name, value)
  }
  return made
}

/** A Request with the caller's signal: one that is handed to the constructor costs more than all the rest of it. */
class LeavableRequest extends Request {
  readonly #caller: Caller

  constructor(url: string, init: RequestInit, caller: Caller) {
    super(url, init)
    this.#caller = caller
  }

  override get signal(): AbortSignal {
    return this.#caller.signal
  }
}

/** A client may send anything as its host and target: a host that makes no URL is left out; every path makes one. */
function urlOf(request: IncomingMessage): string {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http'
  const host = hostOf(request) ?? ''
  const origin = `${scheme}://${/[@/\\?#]/.test(host) ? '' : host}`
  const base = URL.canParse(origin) ? origin : `${scheme}://localhost`
  // Not resolved against the base: `//evil.example` would be another host.
  return base + originalUrl(request).replace(/^(?!\/)/, '/')
}

/** HTTP/2 names the host in `:authority`. */
function hostOf({ headers }: IncomingMessage): string | undefined {
  const authority = headers[':authority']
  return headers.host ?? (typeof authority === 'string' ? authority : undefined)
}

/** The whole URL, where a framework has cut its mount off. */
function originalUrl(request: IncomingMessage & { originalUrl?: unknown }): string {
  return typeof request.originalUrl === 'string' ? request.originalUrl : (request.url ?? '/')
}

/**
 * Sends the answer. A stream that fails is cut off, so that nobody takes it for complete, and so is an answer that somebody
 * else has begun.
 */
export async function sendToNode(
  { status, headers, body }: Outgoing,
  response: ServerResponse & { flush?: () => void },
  caller: Caller,
): Promise<void> {
  if (response.headersSent) {
    response.destroy()
    return
  }
  if (typeof body === 'string') {
    response.statusCode = status
    // Not what a library may have added to every object.
    for (const name of Object.keys(headers)) response.setHeader(name, headers[name] ?? '')
    response.end(body)
    return
  }
  // It has no reader any more when it closes, though it was somebody else who ended it.
  const reader = new AbortController()
  response.on('close', () => reader.abort())
  if (caller.left) reader.abort()
  const { signal } = reader
  response.writeHead(status, headers).flushHeaders()
  try {
    for await (const chunk of body(signal)) {
      const ready = response.write(chunk)
      // Compression middleware holds back what it is not told to send.
      response.flush?.()
      if (!ready) await once(response, 'drain', { signal })
    }
    response.end()
  } catch {
    response.destroy()
  }
}
