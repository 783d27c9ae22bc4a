import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/**
 * Sends a request and reads the whole answer. Unlike undici's own `request` it makes no stream of the body: calls whose answers are
 * this short spend much of their time on those.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const answer: HttpAnswer = { status: 0, headers: {}, text: '' }
    const chunks: Buffer[] = []
    let stop: ((reason: Error) => void) | undefined
    const abort = () => {
      // It may still wait for a connection; then nothing is under way that could be stopped.
      stop?.(signal.reason)
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })

    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        stop = (reason) => controller.abort(reason)
        if (signal.aborted) abort()
      },
      onResponseStart(_, status, headers) {
        answer.status = status
        answer.headers = headers
      },
      onResponseData(_, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        signal.removeEventListener('abort', abort)
        answer.text = Buffer.concat(chunks).toString()
        resolve(answer)
      },
      onResponseError(_, error) {
        signal.removeEventListener('abort', abort)
        reject(error)
      },
    })
  })
}
