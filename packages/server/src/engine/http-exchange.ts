import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, SessionBackendError } from '@session-backend/core'
import type { Dispatcher } from 'undici'
import type { Caller } from '../caller.ts'

/** An answer, read to its end. */
export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

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
  { deadline, clock, caller }: Patience,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const answer: HttpAnswer = { status: 0, headers: {}, text: '' }
    const chunks: Buffer[] = []
    let givenUp: Error | undefined
    let stop: ((reason: Error) => void) | undefined

    const giveUp = (reason: Error) => {
      givenUp = reason
      settle()
      reject(reason)
      // It may still wait for a connection; then nothing is under way that could be stopped.
      stop?.(reason)
    }
    const cancelDeadline = clock.after(deadline - clock.now(), () =>
      giveUp(new SessionBackendError('platform_timeout', 'The platform did not answer in time.')),
    )
    const settle = () => {
      cancelDeadline()
      stopListening?.()
    }
    const stopListening = caller?.onLeave(() => giveUp(caller.signal.reason))

    dispatcher.dispatch(request, {
      onRequestStart(controller) {
        stop = (reason) => controller.abort(reason)
        if (givenUp) stop(givenUp)
      },
      onResponseStart(_, status, headers) {
        answer.status = status
        answer.headers = headers
      },
      onResponseData(_, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        settle()
        answer.text = Buffer.concat(chunks).toString()
        resolve(answer)
      },
      onResponseError(_, error) {
        settle()
        reject(error)
      },
    })
  })
}
