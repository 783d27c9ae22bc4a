import type { IncomingMessage, ServerResponse } from 'node:http'
import { RESPOND } from './http/incoming.ts'
import { fromNode, sendToNode } from './http/node-bridge.ts'
import type { SessionBackends } from './session-backends.ts'

/**
 * Creates a request listener for `node:http`: `createServer(nodeHandler(sessionBackends))`. The routes are
 * below `basePath`. Other paths are answered with 404.
 */
export function nodeHandler(
  sessionBackends: SessionBackends,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const incoming = fromNode(request, response)
    await sendToNode(await sessionBackends[RESPOND](incoming), response)
  }
}
