import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen } from './listen.ts'

/** A request that the platform got. */
export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}

/** How the platform answers one request. */
export type Respond = (response: ServerResponse, request: Received) => void

/** A platform that says what the test tells it to, on a real socket. */
export interface Upstream {
  url: string
  received: Received[]
  /** Answers every following request in this way. */
  respond: Respond
  /** Resolves when a response that was under way has been closed by the client. */
  closed(): Promise<unknown>
}

/** The backend in the examples of the specification. */
export const BACKEND = {
  name: '8nyg2',
  url: 'https://8nyg2.p.example.test/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  ready_url: 'https://api.example.test/ready/8nyg2/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  status_url: 'https://api.example.test/backend/8nyg2/status',
  spawned: true,
  status: 'Loading',
}

/** {@link BACKEND} as the app's route answers it. PROTOCOL.md: "The session". */
export const SESSION = {
  name: BACKEND.name,
  url: BACKEND.url,
  readyUrl: BACKEND.ready_url,
  statusUrl: BACKEND.status_url,
  status: BACKEND.status,
  spawned: true,
}

export function sendJson(value: unknown, status = 200, headers: Record<string, string> = {}): Respond {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }
}

export async function startUpstream(respond: Respond = sendJson(BACKEND)): Promise<Upstream> {
  const received: Received[] = []
  let last: ServerResponse | undefined
  const upstream: Upstream = {
    url: await listen(async (request, response) => {
      last = response
      const body = await text(request)
      const { method = '', url: path = '', headers } = request
      const entry = { method, path, headers, body: body === '' ? undefined : JSON.parse(body) }
      received.push(entry)
      upstream.respond(response, entry)
    }),
    received,
    respond,
    closed: async () => last?.closed || (last && once(last, 'close')),
  }
  return upstream
}
