import { SessionBackendError } from '@session-backend/core'
import { readText } from '@session-backend/core/internal'
import { MAX_ANSWER, type Transport, timedOut, tooLong } from './http-call.ts'

/** Sends by `fetch`, which handles compression and the environment's proxy itself in Bun. */
export function createFetchTransport(origin: string, timeout: number): Transport {
  const closing = new AbortController()

  return {
    async send({ method, path, headers, body }, { deadline, clock, abort }) {
      const attempt = new AbortController()
      const stops = [
        clock.after(deadline - clock.now(), () => attempt.abort(timedOut())),
        abort?.onAbort(() => attempt.abort(abort.signal.reason)),
      ]
      const signal = AbortSignal.any([attempt.signal, closing.signal])
      try {
        const answer = await fetch(origin + path, { method, headers, body, signal, redirect: 'manual' })
        const text = await readText(answer.body, MAX_ANSWER).catch(asTooLong)
        return { status: answer.status, headers: Object.fromEntries(answer.headers), text }
      } catch (error) {
        throw attempt.signal.aborted ? attempt.signal.reason : error
      } finally {
        for (const stop of stops) stop?.()
      }
    },

    async stream(input, init) {
      const opening = new AbortController()
      const timer = setTimeout(() => opening.abort(), timeout)
      const signals = [opening.signal, closing.signal, init?.signal].filter((signal) => signal != null)
      try {
        return await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) })
      } finally {
        clearTimeout(timer)
      }
    },

    async close() {
      closing.abort(
        new SessionBackendError('platform_error', 'The connections to the platform have been closed.'),
      )
    },
  }
}

/** The platform's answer is too long. (`payload_too_large` would mean a client's body.) */
function asTooLong(error: unknown): never {
  throw error instanceof SessionBackendError && error.code === 'payload_too_large' ? tooLong() : error
}
