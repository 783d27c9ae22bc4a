import { Agent, type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http'
import { destroyOnceAbandoned } from './abandoned.ts'
import { endToEnd, pairs, type RawHeaders } from './headers.ts'
import type { Relay, RequestHead } from './relay.ts'
import { CONNECT_LIMIT, MAX_HEAD, type Upstream } from './upstream.ts'

/** Each request has a fresh connection, which is closed behind its answer. */
const agent = new Agent({ keepAlive: false })

/** Methods for which node sends no body unless it is told to. */
const WITHOUT_BODY: readonly string[] = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']

/** Opens a connection for one request, whose head is sent as soon as the backend has accepted it. */
export function openSingle(upstream: Upstream, head: RequestHead, onConnected: () => void): ClientRequest {
  const outgoing = openRequest({ ...upstream.address, agent, maxHeaderSize: MAX_HEAD, ...head })
  outgoing.once('socket', (socket) => {
    socket.setTimeout(CONNECT_LIMIT, () => socket.destroy(new Error('The backend accepts no connection.')))
    socket.once('connect', () => {
      socket.setTimeout(0)
      onConnected()
    })
  })
  outgoing.flushHeaders()
  return outgoing
}

/** Sends a request that must not be repeated, with its body as it comes. Returns what gives it up. */
export function sendOnce(relay: Relay, upstream: Upstream, head: RequestHead): () => void {
  const { request, reply } = relay
  const headers = [...head.headers, ...framing(request)]
  const outgoing = openSingle(upstream, { ...head, headers }, () => relay.enter())
  const untrack = upstream.track(() => outgoing.destroy())
  let answered = false
  outgoing.once('continue', () => reply.continue())
  outgoing.on('information', ({ statusCode, rawHeaders }) => reply.inform(statusCode, rawHeaders))
  outgoing.once('response', (answer) => {
    answered = true
    relayAnswer(answer, relay)
  })
  outgoing.on('error', (error) => {
    // What comes behind the head of an answer is for the answer to tell.
    if (!answered) relay.lost(error)
  })
  destroyOnceAbandoned(request, request.socket)
  upload(request, outgoing)
  return () => {
    untrack()
    // An upload that is cut off ends at once: the backend need not read what was sent of it first.
    if (!request.complete) outgoing.socket?.resetAndDestroy()
    outgoing.destroy()
  }
}

/** Passes an answer on as fast as the client reads it. */
export function relayAnswer(
  answer: IncomingMessage,
  { reply, response, lost }: Pick<Relay, 'reply' | 'response' | 'lost'>,
): void {
  const { statusCode = 0, statusMessage = '', rawHeaders } = answer
  answer.once('error', lost)
  try {
    reply.begin(statusCode, statusMessage, rawHeaders)
  } catch (error) {
    answer.destroy()
    lost(error)
    return
  }
  answer.on('data', (chunk: Buffer) => {
    if (reply.write(chunk)) return
    answer.pause()
    response.once('drain', () => answer.resume())
  })
  answer.once('end', () => reply.end(answer.rawTrailers))
}

/** What the backend doesn't take is read and dropped, so that the client reads its answer. */
function upload(request: IncomingMessage, outgoing: ClientRequest): void {
  request.pipe(outgoing, { end: false })
  request.once('end', () => {
    const trailers = pairs(endToEnd(request.rawTrailers))
    if (trailers.length > 0) outgoing.addTrailers(trailers)
    outgoing.end()
  })
  outgoing.once('close', () => request.unpipe(outgoing).resume())
}

/** The headers that tell the backend how long the body is, and what becomes of the connection. */
function framing({ method = '', headers, httpVersion }: IncomingMessage): RawHeaders {
  const length = headers['content-length']
  const chunked = headers['transfer-encoding'] !== undefined
  // A backend that closes behind its answer could lose that in front of an upload it doesn't read to the end.
  const result = ['connection', 'keep-alive']
  if (chunked) result.push('transfer-encoding', 'chunked')
  else if (length !== undefined || !WITHOUT_BODY.includes(method))
    result.push('content-length', length ?? '0')
  const expects = httpVersion === '1.1' && headers.expect?.toLowerCase() === '100-continue'
  if (expects && (chunked || Number(length) > 0)) result.push('expect', '100-continue')
  return result
}
