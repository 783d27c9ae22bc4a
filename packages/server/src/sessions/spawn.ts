import type { Session } from '@session-backend/core'
import {
  CONTROL_KEY_VARIABLE,
  encodeOpeningTimes,
  invalidOption,
  TRACEPARENT_VARIABLE,
} from '@session-backend/core/internal'
import { inTime } from '../common/deadline.ts'
import type { DocumentContext } from '../common/document.ts'
import type { CallOptions, FetchCall, SpawnOptions, TraceHeaders } from '../common/platform.ts'
import { isDevelopment } from '../reports/console-logger.ts'
import { isMeasuring, recordStart } from '../reports/metrics.ts'
import { ReportedError } from '../reports/reported-error.ts'
import { activeTraceparent } from '../reports/telemetry.ts'
import type { Opening } from '../request/opening.ts'
import type { SessionsContext } from './context.ts'
import { watchStart } from './start-watch.ts'
import type { Visit } from './visit.ts'

/** How many starts are followed at the same time to measure them. Each holds a stream of the platform open. */
const MAX_FOLLOWED = 100

/** Spawns a document's backend as the app's `spawn` option says, or finds the one that holds the lock. */
export type Spawn = (visit: Visit, request: FetchCall, options: CallOptions) => Promise<Session>

export function createSpawn({ settings, state, relay, reports, keysOf, closing }: SessionsContext): Spawn {
  const { platform, clock } = settings
  const { envValues, startTimes } = state

  /** What the app's `spawn` says about the document. */
  async function spawnOptions({ documentId, params }: DocumentContext, lock: string): Promise<SpawnOptions> {
    try {
      const options = await inTime('spawn', settings.spawn({ documentId, params }), clock)
      return { ...options, env: withControlKey(options.env, keysOf(lock)) }
    } catch (cause) {
      throw spawnFailure(cause)
    }
  }

  /**
   * Learns how long a start takes, and in development why it failed. Nobody waits for it: the page learns of
   * it by its own stream.
   */
  async function followStart(
    documentId: string,
    { name }: Session,
    tag: string | undefined,
    values: readonly string[],
  ) {
    try {
      const states = startTimes.follow(relay.states({ name, documentId }, closing), tag, (status, ms) =>
        recordStart(platform.service, status, ms),
      )
      if (isDevelopment()) {
        const failedStart = await watchStart(states, name, platform, values, clock)
        if (failedStart) reports.startFailed(documentId, failedStart)
      } else for await (const { state } of states) if (state === 'Ready') return
    } catch {
      // The relay has reported it.
    }
  }

  return async (visit, request, options) => {
    const { tag, gracePeriodSeconds, env } = await spawnOptions(visit, request.lock)
    visit.opening.times.spawn = clock.now()
    const { traceparent, trace } = traceOf(visit.opening)
    const variables = traceparent ? { [TRACEPARENT_VARIABLE]: traceparent, ...env } : env
    const session = await platform.spawn(
      { tag, gracePeriodSeconds, env: variables, trace, ...request },
      options,
    )
    // A trace is no secret.
    const values = Object.values(env ?? {})
    // A backend that was found may have other options: from another process, or from a call whose answer was
    // lost.
    if (settings.startupLog && session.spawned) envValues.set(session.name, values)
    if (session.status === 'Ready') {
      // It was waiting in a warm pool.
      if (session.spawned) recordStart(platform.service, 'Ready', clock.now() - visit.opening.times.spawn)
      return session
    }
    const followed = isMeasuring() ? MAX_FOLLOWED : 1
    if (session.spawned && (isDevelopment() || startTimes.following < followed)) {
      followStart(visit.documentId, session, tag, values)
    }
    const typicalStart = startTimes.typical(tag)
    return typicalStart ? { ...session, typicalStart } : session
  }
}

/**
 * The trace that a spawn belongs to, and the headers that the platform gets. If a span of the app's is
 * active, the app's instrumentation of undici sends `traceparent`: sent twice, it would be invalid.
 */
function traceOf({ traceparent, times }: Opening) {
  const active = activeTraceparent() ?? traceparent
  const trace: TraceHeaders = { baggage: encodeOpeningTimes(times) }
  if (traceparent !== undefined && active === traceparent) trace.traceparent = traceparent
  return { traceparent: active, trace }
}

/** What a backend needs to know the app's signatures. PROTOCOL.md: "The key". */
function withControlKey(env: SpawnOptions['env'], [key]: readonly Uint8Array[]): SpawnOptions['env'] {
  if (env && Object.hasOwn(env, CONTROL_KEY_VARIABLE)) {
    const expected = 'without the variables that this package sets itself'
    throw invalidOption('env', expected, env, CONTROL_KEY_VARIABLE)
  }
  return key ? { ...env, [CONTROL_KEY_VARIABLE]: Buffer.from(key).toString('base64url') } : env
}

/** The app's `spawn` option threw, or never settled. */
function spawnFailure(cause: unknown): ReportedError {
  const message = '`spawn` failed, so no backend was started.'
  const report = `${message} Fix the \`spawn\` option: ${summaryOf(cause)}`
  return new ReportedError('internal', message, { report, cause })
}

/** One line of an error of the app's own. */
function summaryOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${typeof error}`
  return text.replace(/\s+/g, ' ').slice(0, 300)
}
