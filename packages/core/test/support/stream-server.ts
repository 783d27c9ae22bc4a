import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BackendStatus, encodeEvent } from '../../src/index.ts'

/** Answers one request. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** A real HTTP server that gives one prepared answer after the other, and the last one for ever. */
export interface StreamServer {
  url: string
  requests: IncomingMessage[]
  /** Answers that have begun and are not over. */
  open: Set<ServerResponse>
  close(): Promise<void>
}

export async function startStreamServer(...answers: [Answer, ...Answer[]]): Promise<StreamServer> {
  const requests: IncomingMessage[] = []
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? answers[0]
    requests.push(request)
    answer(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/backend/8nyg2/status/stream`,
    requests,
    open,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** One event of a status stream. */
export function event(state: BackendStatus, id?: string): string {
  return encodeEvent({
    data: JSON.stringify({ state, time: '2026-01-01T12:00:00.000Z', backend: '8nyg2' }),
    id,
  })
}

/** Begins a stream with these chunks, and keeps it open. */
export function stream(...chunks: (string | Uint8Array)[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.flushHeaders()
    for (const chunk of chunks) response.write(chunk)
  }
}

/** A stream that ends after these chunks, as a cut does. */
export function ended(...chunks: (string | Uint8Array)[]): Answer {
  return (response, request) => {
    stream(...chunks)(response, request)
    response.end()
  }
}

/** An answer without a stream. */
export function status(code: number, headers: Record<string, string> = {}, body = ''): Answer {
  return (response) => response.writeHead(code, headers).end(body)
}

/** One status as JSON, as a `status_url` answers. */
export function json(state: BackendStatus): Answer {
  return status(200, { 'content-type': 'application/json' }, JSON.stringify({ state, time: 't' }))
}

/** A connection that the server resets. */
export const reset: Answer = (response) => response.socket?.resetAndDestroy()
