import { type Clock, SessionBackendError } from '@session-backend/core'
import { createBackoff, sleep } from '@session-backend/core/internal'
import { check, type Rule } from '../common/checks.ts'
import type { RouteParams } from '../common/document.ts'
import type { CallOptions, Platform } from '../common/platform.ts'
import { checkDocumentId } from '../request/document-id.ts'
import { type LockFunction, lockOf } from '../request/lock.ts'
import { deliver, encodeControlMessage } from './deliver.ts'
import { endBackend } from './end-backend.ts'
import type { ControlKeys } from './secrets.ts'

/** Options of every call of {@link Control}. */
export interface ControlOptions extends CallOptions {
  /** Passed to the app's `lock` option as `params`. Default: none. */
  params?: RouteParams | undefined
}

/** Whether a backend got the request. */
export interface ControlResult {
  /** `false` if the document has no running backend. No backend is started. */
  delivered: boolean
}

/** Requests from an app's server to the backend of a document. PROTOCOL.md: "Control". */
export interface Control {
  /**
   * Ends a user's access to an open document. When it resolves with `delivered: true`, the backend has closed
   * the user's connections with 4403, and refuses the user until `authorize` grants access again. Remove the
   * user's access in your database first, so that `authorize` denies it.
   *
   * @throws SessionBackendError `not_supported` if the backend can't revoke; `platform_misconfigured` if it
   * was spawned with another secret; otherwise as {@link Platform} describes.
   */
  revoke(documentId: string, options: ControlOptions & { user: string }): Promise<ControlResult>
  /**
   * Stops the backend gracefully: it saves, and its pages connect to a new backend. Resolves when the old
   * backend has ended.
   *
   * @throws SessionBackendError `platform_timeout` if it hasn't ended within 20 s; otherwise as
   * {@link Platform} describes.
   */
  restart(documentId: string, options?: ControlOptions): Promise<ControlResult>
  /**
   * Sends a message to the `fromApp` of the document's room, and resolves once the room has handled it. The
   * message isn't sent again: after `platform_error` or `platform_timeout`, it may or may not have been
   * handled.
   *
   * @param message JSON of at most 65,000 bytes.
   * @throws SessionBackendError `bad_request` if the message doesn't match the room's schema; `not_supported`
   * if the room has no `fromApp`; otherwise as `revoke`.
   */
  send(documentId: string, message: unknown, options?: ControlOptions): Promise<ControlResult>
}

/** In ms. */
const REVOKE_TIMEOUT = 10_000
/** The backend's own limit is 10 s. */
const SEND_TIMEOUT = 15_000
const MAX_ATTEMPTS = 3

const USER: Rule = {
  expected: 'the name of a user, as `authorize` grants it',
  isValid: (value) => typeof value === 'string' && value !== '',
}

/** What control reads of the app's options. */
interface ControlSettings {
  platform: Platform
  lock: LockFunction
  clock: Clock
}

export function createControl({ platform, lock, clock }: ControlSettings, keysOf: ControlKeys): Control {
  /** The backend that holds the document's lock. */
  async function find(documentId: string, { params = {}, signal }: ControlOptions) {
    const name = await lockOf({ documentId: checkDocumentId(documentId), params }, lock, clock)
    const session = await platform.fetch({ lock: name }, { signal }).catch(orUndefined('not_running'))
    return session && { session, lock: name }
  }

  /** @param time When the app said so, in ms since the epoch. */
  async function tell(
    documentId: string,
    body: string,
    time: number,
    timeout: number,
    options: ControlOptions,
  ) {
    const found = await find(documentId, options)
    if (!found) return { delivered: false }
    const keys = keysOf(found.lock)
    if (keys.length === 0) {
      throw new SessionBackendError(
        'not_supported',
        'There is no secret to sign with. Set the `secrets` option.',
      )
    }
    const { signal } = options
    const { session } = found
    const ended = await deliver({ session, keys, body, time, clock, timeout, signal })
      .then(() => false)
      .catch(orUndefined('gone'))
    return { delivered: ended === false }
  }

  return {
    async revoke(documentId, { user, ...options }) {
      check('user', user, USER)
      const body = encodeControlMessage({ revoke: { user } })
      // One time for all attempts: users who are let in from now on stay. A part of a ms more counts as a
      // whole one.
      const time = Math.ceil(clock.now())
      const backoff = createBackoff({ initial: 100 })
      for (let attempts = 1; ; attempts++) {
        try {
          return await tell(documentId, body, time, REVOKE_TIMEOUT, options)
        } catch (error) {
          const mayPass = error instanceof SessionBackendError && error.code === 'platform_error'
          if (!mayPass || attempts === MAX_ATTEMPTS) throw error
          await sleep(clock, backoff.next(), options.signal)
        }
      }
    },

    async restart(documentId, options = {}) {
      const found = await find(documentId, options)
      if (!found) return { delivered: false }
      await endBackend(platform, found.session.name, clock, options.signal)
      return { delivered: true }
    },

    send: async (documentId, message, options = {}) =>
      tell(
        documentId,
        encodeControlMessage({ send: { message } }),
        Math.ceil(clock.now()),
        SEND_TIMEOUT,
        options,
      ),
  }
}

/** Turns one error into `undefined`. */
function orUndefined(code: SessionBackendError['code']) {
  return (error: unknown): undefined => {
    if (!(error instanceof SessionBackendError && error.code === code)) throw error
  }
}
