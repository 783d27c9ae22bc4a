import { createHash, randomBytes } from 'node:crypto'
import { type Clock, type Session, SessionBackendError } from '@session-backend/core'
import {
  CONTROL_PATH,
  type ControlMessage,
  controlText,
  encodeControlSignature,
  isRecord,
  MAX_CONTROL_BODY,
  parseControlMessage,
  parseErrorBody,
  parseJson,
  SIGNATURE_HEADER,
} from '@session-backend/core/internal'
import { abortOf } from '../common/lazy-abort.ts'
import type { HttpAnswer } from '../engine/http-call.ts'
import { createTransport } from '../engine/transport.ts'
import { macsOf } from './mac.ts'

/** What {@link deliver} needs. */
export interface Delivery {
  /** The session of the backend that gets the message. */
  session: Session
  /** The control keys that it may have. */
  keys: readonly Uint8Array[]
  /** From {@link encodeControlMessage}. */
  body: string
  /** When the message was sent, in ms since the epoch. */
  time: number
  clock: Clock
  /** How long it may take, in ms. */
  timeout: number
  signal?: AbortSignal | undefined
}

/** Throws `bad_request` for what isn't JSON, `payload_too_large` for what is too long. */
export function encodeControlMessage(message: ControlMessage): string {
  const body = toJson(message)
  const length = Buffer.byteLength(body)
  if (length > MAX_CONTROL_BODY) {
    throw new SessionBackendError(
      'payload_too_large',
      `A control message must be at most ${MAX_CONTROL_BODY} bytes as JSON, got ${length}.`,
    )
  }
  // A function, for example, is left out by JSON.
  if (parseControlMessage(parseJson(body)) === undefined) throw notJson()
  return body
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw notJson(cause)
  }
}

function notJson(cause?: unknown): SessionBackendError {
  return new SessionBackendError('bad_request', 'The message must be JSON.', { cause })
}

/**
 * Sends a control request to a backend. PROTOCOL.md: "The request".
 *
 * @throws SessionBackendError `gone` if the backend has ended; what it answered; `platform_error` or
 * `platform_timeout` if it can't be reached.
 */
export async function deliver(delivery: Delivery): Promise<void> {
  const { session, keys, body, time, clock, timeout, signal } = delivery
  const stamp = {
    time,
    nonce: randomBytes(16).toString('base64url'),
    digest: createHash('sha256').update(body).digest('base64url'),
  }
  const macs = macsOf(keys, controlText(session.name, stamp))
  const { origin, path, host } = addressOf(session.url)
  const transport = createTransport(origin, timeout)
  try {
    const answer = await transport.send(
      {
        method: 'POST',
        path,
        headers: {
          ...(host !== undefined && { host }),
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: encodeControlSignature({ ...stamp, macs }),
        },
        body,
      },
      { deadline: clock.now() + timeout, clock, abort: signal && abortOf(signal) },
    )
    checkAnswer(answer)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (error instanceof SessionBackendError) throw error
    throw new SessionBackendError('platform_error', 'The backend could not be reached.', { cause: error })
  } finally {
    await transport.close()
  }
}

/**
 * The address of the control request. Unlike browsers, Node doesn't resolve names below `localhost` to this
 * machine.
 */
function addressOf(url: string): { origin: string; path: string; host?: string } {
  const { protocol, hostname, port, host, pathname, origin } = new URL(url)
  const path = `${pathname.replace(/\/?$/, '/')}${CONTROL_PATH}`
  if (!hostname.endsWith('.localhost')) return { origin, path }
  return { origin: `${protocol}//127.0.0.1${port && `:${port}`}`, path, host }
}

function checkAnswer({ status, text }: HttpAnswer): void {
  if (status === 204) return
  const json = parseJson(text)
  const { code } = isRecord(json) && isRecord(json.error) ? parseErrorBody(json) : {}
  throw errorOf(status, code)
}

/** Only the code of a backend's answer is repeated, because the rest may contain anything. */
function errorOf(status: number, code: string | undefined): SessionBackendError {
  if (status === 410) return new SessionBackendError('gone', 'The backend has ended.')
  if (code === 'forbidden') {
    return new SessionBackendError(
      'platform_misconfigured',
      'The backend refused the signature: it was spawned with another secret, or the clocks differ by more than a minute.',
    )
  }
  if (code === 'bad_request')
    return new SessionBackendError(code, 'The message is not valid for this document.')
  if (code === 'too_many_requests')
    return new SessionBackendError(code, 'The backend is getting too many messages. Try again later.')
  if (code === 'internal')
    return new SessionBackendError('platform_error', 'The backend failed to handle this message.')
  if (status < 500 || status === 501) {
    return new SessionBackendError(
      'not_supported',
      "The backend can't handle this: it has no room of this package, no control key, or no `fromApp`.",
    )
  }
  return new SessionBackendError('platform_error', `The backend answered ${status}.`)
}
