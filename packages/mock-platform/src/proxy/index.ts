import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answerOn, asksForWebSocket, type PlatformRequest } from '../server/messages.ts'
import { refusal } from './errors.ts'
import { Exchange } from './exchange.ts'
import { Reply } from './reply.ts'
import type { ProxyRoute, ProxyRoutes, ProxyTarget } from './route.ts'
import { Upgrade } from './upgrade.ts'
import type { Upstream } from './upstream.ts'
import { Upstreams } from './upstreams.ts'

/** Options of {@link createProxy}. */
export interface ProxyOptions {
  /**
   * Called with the reason if a backend that is Ready could not be reached. The client only learns that it
   * could not.
   */
  onProblem?: (problem: unknown) => void
}

/** Carries requests and WebSockets to the backends. */
export interface BackendProxy {
  handleRequest(request: IncomingMessage, response: ServerResponse, target: ProxyTarget): void
  /** Carries a WebSocket; `head` is what its client sent behind the handshake. */
  handleUpgrade(request: PlatformRequest, head: Buffer, target: ProxyTarget): void
  /** Closes every connection, also those that wait for a backend. */
  close(): Promise<void>
}

const NOT_A_HANDSHAKE =
  'A WebSocket handshake must be a GET of HTTP/1.1 without a body, sent when each request before it has its answer.'

/**
 * Creates the proxy: HTTP/1.1 with streams both ways, and WebSockets. Requests wait for a backend that is
 * starting; 400 without a token, 410 for a backend that has ended or never was, 502 for one that is out of
 * reach, and 503 once {@link BackendProxy.close} was called.
 */
export function createProxy(routes: ProxyRoutes, options: ProxyOptions = {}): BackendProxy {
  const { onProblem } = options
  const upstreams = new Upstreams()
  const waiting = new Set<AbortController>()
  let closed = false

  function find({ name, token }: ProxyTarget): ProxyRoute {
    if (closed) throw refusal('platform_busy')
    if (token === '') throw refusal('bad_request')
    const route = routes.find(name, token)
    if (route === undefined || route.ended.aborted) throw refusal('gone')
    return route
  }

  function handleRequest(request: IncomingMessage, response: ServerResponse, target: ProxyTarget): void {
    try {
      const route = find(target)
      if (asksForWebSocket(request)) throw refusal('bad_request', NOT_A_HANDSHAKE)
      const exchange = new Exchange(request, response, route, target, onProblem)
      const upstream = upstreams.get(route)
      if (upstream) deliver(exchange, upstream)
      else waitForStart(exchange, route, response)
    } catch (error) {
      new Reply(request, response, target).fail(error)
    }
  }

  function handleUpgrade(request: PlatformRequest, head: Buffer, target: ProxyTarget): void {
    try {
      const route = find(target)
      const upgrade = new Upgrade(request, head, route, target, onProblem)
      const upstream = upstreams.get(route)
      if (upstream) deliver(upgrade, upstream)
      else waitForStart(upgrade, route, request.socket)
    } catch (error) {
      new Reply(request, answerOn(request), target).fail(error)
    }
  }

  function waitForStart(
    delivery: Exchange | Upgrade,
    route: ProxyRoute,
    client: ServerResponse | Socket,
  ): void {
    const left = new AbortController()
    waiting.add(left)
    client.once('close', () => left.abort())
    // A waiting client counts as a connection, so the backend isn't swept before it has served it.
    delivery.enter()
    upstreams
      .whenReady(route, left.signal)
      .then((upstream) => deliver(delivery, upstream))
      .catch(() => delivery.fail(refusal(closed ? 'platform_busy' : 'gone')))
      .finally(() => waiting.delete(left))
  }

  return {
    handleRequest,
    handleUpgrade,
    async close() {
      closed = true
      for (const left of waiting) left.abort()
      await upstreams.close()
    },
  }
}

function deliver(delivery: Exchange | Upgrade, upstream: Upstream): void {
  try {
    delivery.send(upstream)
  } catch (error) {
    delivery.fail(error)
  }
}
