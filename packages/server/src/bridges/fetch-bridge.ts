import { readText } from '@session-backend/core'
import { callerOf } from '../caller.ts'
import type { Incoming, Outgoing } from '../exchange.ts'
import { checkContentLength, MAX_BODY, notReadable, parseBody } from '../request/request-body.ts'

/** A Fetch API request, as the handler sees it. */
export function fromRequest(request: Request, path = new URL(request.url).pathname): Incoming {
  const { method, headers, signal } = request
  const header = (name: string) => headers.get(name) ?? undefined
  return {
    method,
    path,
    caller: callerOf(signal),
    toRequest: () => request,
    // A Request that was made by hand has no `Host`.
    header: (name) => header(name) ?? (name === 'host' ? new URL(request.url).host : undefined),
    async body() {
      const length = header('content-length')
      checkContentLength(length)
      // Next makes a stream even of no body, and it costs a tenth of the route's time to read.
      if (length === '0') return undefined
      const text = await readText(request.body, MAX_BODY).catch(notReadable)
      return parseBody(text, header('content-type'))
    },
  }
}

/** The answer, as a Fetch API response. Its stream ends when the reader leaves. */
export function toResponse({ status, headers, body }: Outgoing, signal: AbortSignal): Response {
  const content = typeof body === 'string' ? body : toReadableStream(body, signal)
  // A Response of status 204 takes no body, not even an empty one.
  return new Response(content === '' ? null : content, { status, headers })
}

function toReadableStream(
  body: (signal: AbortSignal) => AsyncIterable<string>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = new AbortController()
  const chunks = body(AbortSignal.any([signal, reader.signal]))[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      reader.abort()
      await chunks.return?.()
    },
  })
}
