import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { decodeBytes, decodeStream } from './content-encoding.ts'
import { createDispatchers } from './dispatchers.ts'
import { type HttpAnswer, MAX_ANSWER, type Patience, type Transport, timedOut, tooLong } from './http-call.ts'

/** Keep-alive connections, or the app's own dispatcher. */
export function createUndiciTransport(
  origin: string,
  timeout: number,
  dispatcher: Dispatcher | undefined,
): Transport {
  const { calls, streams, close } = createDispatchers(origin, dispatcher)

  return {
    close,

    /**
     * Unlike undici's own `request` it makes no stream of the body, and no signal of the deadline: a call
     * whose answer is this short would spend much of its time on them.
     */
    send(request, patience) {
      return new Promise((resolve, reject) => {
        const options = { ...request, origin, headersTimeout: 0, bodyTimeout: 0 }
        calls.dispatch(options, new AnswerHandler(patience, resolve, reject))
      })
    },

    async stream(input, init) {
      const url = new URL(input instanceof Request ? input.url : input)
      const { statusCode, headers, body } = await streams.request({
        origin,
        method: 'GET',
        headersTimeout: timeout,
        bodyTimeout: 0,
        path: url.pathname + url.search,
        headers: Object.fromEntries(new Headers(init?.headers)),
        signal: init?.signal ?? null,
      })
      const answer = new Headers()
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) answer.set(name, String(value))
      }
      if (statusCode === 204) {
        await body.dump()
        return new Response(null, { status: statusCode, headers: answer })
      }
      return new Response(toWebStream(decodeStream(body, headers['content-encoding'])), {
        status: statusCode,
        headers: answer,
      })
    },
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = []
  readonly #stopListening: (() => void) | undefined
  readonly #cancelDeadline: () => void
  #bytes = 0
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Error | undefined

  constructor(
    { deadline, clock, abort }: Patience,
    private readonly resolve: (answer: HttpAnswer) => void,
    private readonly reject: (reason: Error) => void,
  ) {
    this.#cancelDeadline = clock.after(deadline - clock.now(), () => this.#giveUp(timedOut()))
    this.#stopListening = abort?.onAbort(() => this.#giveUp(abort.signal.reason))
  }

  #giveUp(reason: Error) {
    this.#givenUp = reason
    this.#settle()
    this.reject(reason)
    // If the request still waits for a connection, there is nothing to stop.
    this.#controller?.abort(reason)
  }

  #settle() {
    this.#cancelDeadline()
    this.#stopListening?.()
  }

  onRequestStart(controller: Dispatcher.DispatchController) {
    this.#controller = controller
    if (this.#givenUp) controller.abort(this.#givenUp)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders) {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer) {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_ANSWER) this.#giveUp(tooLong())
    else this.#chunks.push(chunk)
  }

  onResponseEnd() {
    this.#settle()
    const [status, headers, bytes] = [this.#status, this.#headers, Buffer.concat(this.#chunks)]
    const encoding = headers['content-encoding']
    if (encoding === undefined) this.resolve({ status, headers, text: bytes.toString() })
    else {
      decodeBytes(bytes, encoding, MAX_ANSWER).then(
        (decoded) => this.resolve({ status, headers, text: decoded.toString() }),
        this.reject,
      )
    }
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error) {
    this.#settle()
    this.reject(error)
  }
}

/** Cancelling destroys the body at once, even while a read of it is waiting. */
function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<unknown> = body[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else if (value instanceof Uint8Array) controller.enqueue(value)
    },
    cancel() {
      body.destroy()
    },
  })
}
