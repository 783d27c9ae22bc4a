import type { IncomingMessage } from 'node:http'
import type { Session } from '@session-backend/core'
import type { RouteParams } from './common/document.ts'
import { abortOf } from './common/lazy-abort.ts'
import { Ongoing } from './common/ongoing.ts'
import type { CallOptions, Platform, RunningBackend } from './common/platform.ts'
import { type Control, createControl } from './control/control.ts'
import { createControlKeys } from './control/secrets.ts'
import { createHandler } from './handler.ts'
import { failureAnswer, toPublicError } from './http/answers.ts'
import { fromRequest, toResponse } from './http/fetch-bridge.ts'
import { RESPOND, type Respond } from './http/incoming.ts'
import { jamsocket } from './jamsocket.ts'
import {
  type CheckedOptions,
  checkOptions,
  completeOptions,
  type SessionBackendsOptions,
  type Settings,
} from './options.ts'
import { createStreamRelay } from './relay/relay.ts'
import { observeBackends } from './reports/metrics.ts'
import { createReports, type Reports } from './reports/reports.ts'
import { tracedAction } from './reports/telemetry.ts'
import { decide } from './request/authorize.ts'
import { checkDocumentId } from './request/document-id.ts'
import { openingOf } from './request/opening.ts'
import { listBackends, type RollOutOptions, type RollOutReport, rollOut } from './rollout/roll-out.ts'
import { createSessions, type Sessions } from './sessions/sessions.ts'
import { sharedState } from './shared-state.ts'

/** The session backends of an app, for its routes and its server-rendered pages. */
export interface SessionBackends extends Control {
  /**
   * Answers a request to the app's route, in frameworks that speak the Fetch API. Other frameworks have
   * adapters. Never throws. PROTOCOL.md specifies the routes and errors.
   */
  handle(request: Request): Promise<Response>
  /**
   * Does the same as `POST /:documentId`, for server components and loaders: authorizes (`action: 'open'`),
   * then fetches or spawns the document's backend. Pass the result to the hook as `initialSession`.
   *
   * @throws SessionBackendError with the code that the route would answer.
   */
  connect(documentId: string, options: ConnectOptions): Promise<Session>
  /**
   * Lists the running backends of the service, for an operator's page or script.
   *
   * @throws SessionBackendError `not_supported` if the engine can't list backends.
   */
  list(options?: CallOptions): Promise<RunningBackend[]>
  /**
   * Restarts the backends that don't run `tag`, `perSecond` at a time, and resolves to a report. Each backend
   * saves, and its pages connect to a new one, which runs what the `spawn` option returns then. If the
   * roll-out is interrupted, call it again.
   *
   * @throws SessionBackendError `not_supported` if the engine can't list backends and no `documents` are
   * given.
   */
  rollOut(options?: RollOutOptions): Promise<RollOutReport>
  /**
   * Shuts down gracefully: ends all relayed streams, waits up to 15 s for requests to be answered, then
   * closes the connections to the platform. Backends keep running.
   */
  close(): Promise<void>
  /** What every adapter calls. @internal */
  readonly [RESPOND]: Respond
}

/**
 * Identifies the user who opens the document: the page's request, or its headers, such as Next's `headers()`.
 */
export type ConnectOptions = {
  /** Passed to `authorize`, `lock` and `spawn` as `params`. Default: none. */
  params?: RouteParams | undefined
} & (
  | {
      /**
       * Passed to `authorize`. When its signal aborts, the call is abandoned, except for a spawn that
       * `limits` already count.
       */
      request: Request
    }
  | { headers: HeadersInit }
)

/**
 * Creates the route handlers. They authorize a user, then fetch the backend that holds the document's lock,
 * or spawn one.
 *
 * `createSessionBackends<express.Request>({ … })` gives `authorize` its `nodeRequest` as that type.
 *
 * @throws SessionBackendError `invalid_option` if an option is missing or wrong.
 */
export function createSessionBackends<NodeRequest extends IncomingMessage = IncomingMessage>(
  options: SessionBackendsOptions<NodeRequest>,
): SessionBackends {
  const checked = checkOptions(options)
  const { authorize, clock } = checked
  const reports = createReports(checked)
  const ongoing = new Ongoing()
  const { platform = () => jamsocket.fromEnv(process.env) } = checked
  let running = typeof platform === 'function' ? undefined : start(checked, platform, reports)
  /** Throws `invalid_option` if the environment lacks something. */
  const started = () => {
    running ??= start(checked, typeof platform === 'function' ? platform() : platform, reports)
    return running
  }

  const respond: Respond = async (incoming) => {
    try {
      return await ongoing.run(() => started().respond(incoming))
    } catch (error) {
      reports.failed(error, {})
      return failureAnswer(error)
    }
  }

  return {
    [RESPOND]: respond,

    handle: async (request) => toResponse(await respond(fromRequest(request)), request),

    async close() {
      running?.endStreams()
      await ongoing.settled(MAX_SHUTDOWN, clock)
      await running?.close()
    },

    revoke: (id, control) => ongoing.run(async () => started().control.revoke(id, control)),
    restart: (id, control) => ongoing.run(async () => started().control.restart(id, control)),
    send: (id, message, control) => ongoing.run(async () => started().control.send(id, message, control)),

    list: (call) => ongoing.run(() => listBackends(started().settings.platform, call)),
    rollOut: (rollOutOptions = {}) => ongoing.run(() => rollOut(started().settings, rollOutOptions)),

    async connect(id, { params = {}, ...from }) {
      const request = 'request' in from ? from.request : new Request('http://localhost/', from)
      const { signal } = request
      try {
        const document = { documentId: checkDocumentId(id), params }
        const { sessions, settings } = started()
        const { service } = settings.platform
        const opening = openingOf((name) => request.headers.get(name) ?? undefined, clock.now())
        const open = async () => {
          const decision = await decide(authorize, { toRequest: () => request }, document, 'open', clock)
          opening.times.authorized = clock.now()
          return sessions.open({ ...document, ...decision, opening, abort: abortOf(signal) })
        }
        const { traceparent } = opening
        const context = { action: 'open', documentId: document.documentId, service, traceparent } as const
        return await ongoing.run(() => tracedAction(context, open))
      } catch (error) {
        if (!signal.aborted) reports.failed(error, { documentId: id, action: 'open' })
        throw toPublicError(error)
      }
    },
  }
}

/** How long a shutdown waits for requests that are under way, in ms. */
const MAX_SHUTDOWN = 15_000

/** What works once the platform is known. */
interface Running {
  settings: Settings
  control: Control
  sessions: Sessions
  respond: Respond
  endStreams(): void
  close(): Promise<void>
}

function start(checked: CheckedOptions, platform: Platform, reports: Reports): Running {
  const settings = completeOptions(checked, platform)
  const state = sharedState(platform.id)
  const relay = createStreamRelay(settings, state, reports)
  const closing = new AbortController()
  const stopObserving = observeBackends(platform)
  const keysOf = createControlKeys(platform, settings.secrets)
  const sessions = createSessions({ settings, state, relay, reports, keysOf, closing: closing.signal })
  return {
    settings,
    control: createControl(settings, keysOf),
    sessions,
    respond: createHandler(settings, sessions, relay, reports),
    endStreams() {
      closing.abort()
      relay.close()
    },
    close() {
      stopObserving()
      return platform.close()
    },
  }
}
