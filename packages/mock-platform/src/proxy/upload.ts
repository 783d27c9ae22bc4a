import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

/**
 * A request's body as a stream of its own. Undici destroys a body that it can't send to its end, and a
 * request that is destroyed takes its connection along, with the answer that the client is waiting for:
 * here the rest is read and dropped instead.
 */
export class Upload extends Readable {
  readonly #request: IncomingMessage

  constructor(request: IncomingMessage) {
    super()
    this.#request = request
    request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).pause()
  }

  override _read(): void {
    this.#request.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#request.off('data', this.#onData).off('end', this.#onEnd).resume()
    done(error)
  }

  readonly #onData = (chunk: Buffer) => {
    if (!this.push(chunk)) this.#request.pause()
  }

  readonly #onEnd = () => {
    this.push(null)
  }

  readonly #onError = (error: Error) => {
    this.destroy(error)
  }
}

/** Whether a body follows the head of a request. RFC 9112, section 6.3. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
