import type { Clock } from '@session-backend/core'
import { readText, systemClock } from '@session-backend/core/internal'
import { abortOf } from '../common/lazy-abort.ts'
import { type Incoming, type Outgoing, READER_PATIENCE, type Target } from './incoming.ts'
import { checkContentLength, MAX_BODY, notReadable, parseBody } from './request-body.ts'

/** A Fetch API request, as the handler sees it. */
export function fromRequest(
  request: Request,
  target: Target = { path: new URL(request.url).pathname },
  params: Incoming['params'] = {},
): Incoming {
  const { method, headers, signal } = request
  const header = (name: string) => headers.get(name) ?? undefined
  return {
    method,
    target,
    params,
    abort: abortOf(signal),
    toRequest: () => request,
    // A Request that was made by hand has no `Host`.
    header: (name) => header(name) ?? (name === 'host' ? new URL(request.url).host : undefined),
    async body() {
      const length = header('content-length')
      checkContentLength(length)
      // Next creates a stream even if there is no body. Reading it costs a tenth of the route's time.
      if (length === '0') return undefined
      const text = await readCopy(request).catch(notReadable)
      return parseBody(text, header('content-type'))
    },
  }
}

/** Returns the body's text. `authorize` gets the original request, which it may clone or read. */
async function readCopy(request: Request): Promise<string> {
  const reader = request.clone().body?.getReader()
  if (reader === undefined) return ''
  const copy = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    // Both halves must be cancelled before either one's promise settles.
    cancel: () => Promise.all([reader.cancel(), request.body?.cancel()]).then(() => {}),
  })
  return readText(copy, MAX_BODY)
}

/**
 * The answer, as a Fetch API response. Its stream ends when the reader leaves, or takes nothing for a minute.
 */
export function toResponse({ status, headers, body }: Outgoing, request: Request, clock?: Clock): Response {
  if (typeof body !== 'string')
    return new Response(toReadableStream(body, request, clock), { status, headers })
  // A Response of status 204 takes no body, not even an empty one.
  return new Response(body === '' ? null : body, { status, headers })
}

function toReadableStream(
  body: (signal: AbortSignal) => AsyncIterable<string>,
  request: Request,
  clock: Clock = systemClock,
): ReadableStream<Uint8Array> {
  const reader = new AbortController()
  const leave = () => reader.abort()
  // A Request that is collected takes its signal's source with it, so the stream keeps both.
  request.signal.addEventListener('abort', leave)
  if (request.signal.aborted) leave()
  const chunks = body(reader.signal)[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let stopWaiting = () => {}
  async function end() {
    stopWaiting()
    request.signal.removeEventListener('abort', leave)
    leave()
    await chunks.return?.()
  }
  return new ReadableStream({
    async pull(controller) {
      stopWaiting()
      const { done, value } = await chunks.next()
      if (done) {
        await end()
        controller.close()
        return
      }
      controller.enqueue(encoder.encode(value))
      stopWaiting = clock.after(READER_PATIENCE, () => {
        controller.error(new Error('The reader of this stream takes nothing.'))
        end().catch(() => {})
      })
    },
    cancel: end,
  })
}
