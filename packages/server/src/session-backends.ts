import type { Session } from '@session-backend/core'
import { toPublicError } from './answers.ts'
import { fromRequest, toResponse } from './bridges/fetch-bridge.ts'
import { callerOf } from './caller.ts'
import type { Incoming, Outgoing } from './exchange.ts'
import { createHandler } from './handler.ts'
import { checkOptions, type SessionBackendsOptions } from './options.ts'
import { createRelay } from './relay/relay.ts'
import { createReporter } from './reports/reporter.ts'
import { tracedAction } from './reports/telemetry.ts'
import { authorise } from './request/authorize.ts'
import { checkDocumentId } from './request/document-id.ts'
import { createSessions } from './sessions/sessions.ts'
import { sharedState } from './shared-state.ts'

/** The session backends of an app: what its routes and its server-rendered pages are made from. */
export interface SessionBackends {
  /**
   * Answers a request to the app's route; PROTOCOL.md has the routes and the errors. Never throws. For
   * frameworks that speak the Fetch API; the others have adapters of their own.
   */
  handle(request: Request): Promise<Response>
  /**
   * What `POST /:documentId` does, for server components and loaders: authorises (`action: 'open'`), then spawns or
   * fetches the document's backend. Hand the result to the hook as `initialSession`.
   *
   * @param options.request Passed to `authorize`; the call is given up when its signal aborts, but for a spawn that
   * `limits` have begun to count.
   * @throws SessionBackendError what the route would answer.
   */
  connect(documentId: string, options: { request: Request }): Promise<Session>
  /** What every adapter calls: a request and an answer as plain data. Never throws. */
  respond(incoming: Incoming): Promise<Outgoing>
  /** Ends every stream that is relayed, and closes the platform's connections: for an orderly shutdown. */
  close(): Promise<void>
}

/**
 * Route handlers that authorise a user, then spawn or fetch the backend that holds a document's lock.
 *
 * @throws SessionBackendError `invalid_option` where an option is missing or wrong.
 */
export function createSessionBackends(options: SessionBackendsOptions): SessionBackends {
  const settings = checkOptions(options)
  const reporter = createReporter(settings)
  const state = sharedState(settings.platform.id)
  const relay = createRelay(settings, state, reporter)
  const closing = new AbortController()
  const sessions = createSessions(settings, state, relay, reporter, closing.signal)
  const respond = createHandler(settings, sessions, relay, reporter)

  return {
    respond,

    async close() {
      closing.abort()
      relay.close()
      await settings.platform.close()
    },

    handle: async (request) => toResponse(await respond(fromRequest(request)), request.signal),

    async connect(id, { request }) {
      const { signal } = request
      try {
        const documentId = checkDocumentId(id)
        return await tracedAction('open', documentId, async () => {
          const incoming = { toRequest: () => request }
          const grant = await authorise(settings.authorize, incoming, documentId, 'open', settings.clock)
          return sessions.open({ documentId, grant, caller: callerOf(signal) })
        })
      } catch (error) {
        if (!signal.aborted) reporter.failed(error, { documentId: id, action: 'open' })
        throw toPublicError(error)
      }
    },
  }
}
