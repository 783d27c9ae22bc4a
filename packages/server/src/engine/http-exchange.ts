import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import type { Dispatcher } from 'undici'
import type { Caller } from '../caller.ts'
import { decodeBytes } from './content-encoding.ts'

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** The longest answer, in bytes. */
const MAX_BODY = 1024 * 1024

/** When an exchange is given up. */
export interface Patience {
  /** The time by which it has ended, in ms since the epoch. */
  deadline: number
  clock: Clock
  caller?: Caller | undefined
}

/**
 * Sends a request and reads the whole answer. Unlike undici's own `request` it makes no stream of the body, and no signal of the
 * deadline: a call whose answer is this short would spend much of its time on them.
 *
 * @throws SessionBackendError `platform_timeout` at the deadline; else the signal's reason, or what went wrong.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  patience: Patience,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Exchange(patience, resolve, reject))
  })
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = []
  readonly #caller: Caller | undefined
  readonly #cancelDeadline: () => void
  #bytes = 0
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Error | undefined

  constructor(
    { deadline, clock, caller }: Patience,
    private readonly resolve: (answer: HttpAnswer) => void,
    private readonly reject: (reason: Error) => void,
  ) {
    this.#cancelDeadline = clock.after(deadline - clock.now(), () =>
      this.#giveUp(new SessionBackendError('platform_timeout', 'The platform did not answer in time.')),
    )
    this.#caller = caller
    caller?.onLeave(this.#left)
  }

  readonly #left = () => this.#giveUp(this.#caller?.signal.reason)

  #giveUp(reason: Error) {
    this.#givenUp = reason
    this.#settle()
    this.reject(reason)
    // It may still wait for a connection; then nothing is under way that could be stopped.
    this.#controller?.abort(reason)
  }

  #settle() {
    this.#cancelDeadline()
    this.#caller?.offLeave(this.#left)
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
    if (this.#bytes > MAX_BODY) this.#giveUp(new Error(`The answer is longer than ${MAX_BODY} bytes.`))
    else this.#chunks.push(chunk)
  }

  onResponseEnd() {
    this.#settle()
    const [status, headers, bytes] = [this.#status, this.#headers, Buffer.concat(this.#chunks)]
    const encoding = headers['content-encoding']
    if (encoding === undefined) this.resolve({ status, headers, text: bytes.toString() })
    else {
      decodeBytes(bytes, encoding, MAX_BODY).then(
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
