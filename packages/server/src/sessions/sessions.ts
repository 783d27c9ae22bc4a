import { type Clock, isTerminal, type Session, SessionBackendError } from '@session-backend/core'
import { CONTROL_KEY_VARIABLE } from '@session-backend/core/internal'
import { invalidOption } from '../common/checks.ts'
import { inTime } from '../common/deadline.ts'
import type { DocumentContext } from '../common/document.ts'
import { callOptions } from '../common/lazy-abort.ts'
import type { CallOptions, FetchCall, Platform, SpawnOptions } from '../common/platform.ts'
import type { ControlKeys } from '../control/secrets.ts'
import { withTime, withUserToken } from '../control/user-token.ts'
import type { RelayState, StreamRelay } from '../relay/relay.ts'
import { isDevelopment } from '../reports/console-logger.ts'
import { ReportedError } from '../reports/reported-error.ts'
import type { Reports } from '../reports/reports.ts'
import { traced } from '../reports/telemetry.ts'
import { type LockFunction, lockOf } from '../request/lock.ts'
import { type Counts, createAdmission } from './admission.ts'
import { createRef, readRef } from './backend-ref.ts'
import type { Limits } from './limits.ts'
import type { SingleFlight } from './single-flight.ts'
import { type SlotSources, watchSlot } from './slot-watch.ts'
import type { StartTimes } from './start-times.ts'
import { watchStart } from './start-watch.ts'
import type { Visit } from './visit.ts'

/** What the sessions read of the app's options. */
export interface SessionsOptions {
  platform: Platform
  lock: LockFunction
  spawn(context: DocumentContext): SpawnOptions | Promise<SpawnOptions>
  startupLog: boolean
  limits: Limits
  clock: Clock
}

/** What the sessions of one platform share. */
export interface SessionsState extends Pick<RelayState, 'envValues' | 'lastNames'> {
  flights: SingleFlight<Session>
  counts: Counts
  startTimes: StartTimes
}

/** What can be done with the backend of a document, after authorization. */
export interface Sessions {
  /** Spawns the backend, or finds the one that holds the document's lock. */
  open(visit: Visit): Promise<Session>
  /** Throws `not_running` if no backend holds the document's lock. */
  find(visit: Visit): Promise<Session>
  /**
   * The name of the backend that holds the document's lock. If none does, the one that the page refers to; else the last
   * one that held it, as far as this process knows.
   */
  findLast(visit: Visit, ref: string | undefined): Promise<string>
  /** Throws `not_running` if there is nothing to terminate. */
  terminate(visit: Visit): Promise<void>
}

export function createSessions(
  settings: SessionsOptions,
  state: SessionsState,
  relay: StreamRelay,
  reports: Reports,
  keysOf: ControlKeys,
  closing: AbortSignal,
): Sessions {
  const { platform, limits, clock } = settings
  const { counts } = state
  const lockFor = (document: DocumentContext) => lockOf(document, settings.lock, clock)
  const admission = createAdmission(limits, counts, clock, (slot, documentId = '') =>
    watchSlot(counts.slots, slot, sourcesFor(documentId), clock, closing),
  )

  function sourcesFor(documentId: string): SlotSources {
    return {
      holder: (lock, signal) => platform.fetch({ lock }, { signal }),
      async hasEnded(name, signal) {
        for await (const { state } of relay.states({ name, documentId }, signal)) {
          if (isTerminal(state)) return true
        }
        return false
      },
    }
  }

  /**
   * If the platform gives everybody the same session, simultaneous calls are made once, for no user in particular. Otherwise each
   * user has a call.
   */
  async function share(
    call: 'spawn' | 'fetch',
    { grant, authorizedAt, abort }: Visit,
    lock: string,
    work: (request: FetchCall, options: CallOptions) => Promise<Session>,
  ): Promise<Session> {
    const make = (request: FetchCall, options: CallOptions) =>
      traced(`session-backend platform ${call}`, {}, async () => {
        const session = await work(request, options)
        state.lastNames.set(lock, session.name)
        const ref = createRef(platform, lock, session.name)
        return ref === undefined ? session : { ...session, ref }
      })
    const { user } = grant
    const named = user === undefined ? {} : { user }
    if (!platform.sharesSessions) {
      return { ...(await make({ lock, grant: withTime(grant, authorizedAt) }, callOptions(abort))), ...named }
    }
    const { value, first } = await state.flights.run(`${call} ${lock}`, abort, (crowd) =>
      make({ lock }, callOptions(crowd)),
    )
    const session = { ...value, spawned: first && value.spawned, ...named }
    return withUserToken(session, grant, authorizedAt, () => keysOf(lock))
  }

  const fetch = (visit: Visit, lock: string) =>
    share('fetch', visit, lock, (request, options) => platform.fetch(request, options))

  const spawn = (visit: Visit, lock: string) =>
    share('spawn', visit, lock, async (request, options) => {
      const { tag, gracePeriodSeconds, env } = await spawnOptions(visit, lock)
      const session = await platform.spawn({ tag, gracePeriodSeconds, env, ...request }, options)
      // One that was found may have been started with others: by another process, or by a call whose answer was lost.
      if (settings.startupLog && session.spawned) {
        state.envValues.set(session.name, Object.values(env ?? {}))
      }
      if (session.status === 'Ready') return session
      if (session.spawned && (isDevelopment() || state.startTimes.isIdle)) {
        followStart(visit, session, tag, Object.values(env ?? {}))
      }
      const typicalStart = state.startTimes.typical(tag)
      return typicalStart ? { ...session, typicalStart } : session
    })

  /**
   * Learns how long a start takes, and in development why it failed. Nobody waits for it: the page learns of it by its own
   * stream.
   */
  async function followStart(
    { documentId }: Visit,
    { name }: Session,
    tag: string | undefined,
    values: readonly string[],
  ) {
    try {
      const states = state.startTimes.follow(relay.states({ name, documentId }, closing), tag)
      if (isDevelopment()) {
        const failedStart = await watchStart(states, name, platform, values, clock)
        if (failedStart) reports.startFailed(documentId, failedStart)
      } else for await (const { state } of states) if (state === 'Ready') return
    } catch {
      // The relay has reported it.
    }
  }

  /** What the app's `spawn` says about the document. */
  async function spawnOptions({ documentId, params }: DocumentContext, lock: string): Promise<SpawnOptions> {
    try {
      const options = await inTime('spawn', settings.spawn({ documentId, params }), clock)
      return { ...options, env: withControlKey(options.env, keysOf(lock)) }
    } catch (cause) {
      throw spawnFailure(cause)
    }
  }

  /** A user who may not spawn now may still join a running backend. */
  async function joinOrRefuse(visit: Visit, lock: string, refusal: unknown): Promise<Session> {
    try {
      return await fetch(visit, lock)
    } catch (error) {
      throw isNotRunning(error) ? refusal : error
    }
  }

  async function open(visit: Visit): Promise<Session> {
    const { documentId, grant } = visit
    const lock = await lockFor(visit)
    try {
      return await admission.admit(visit, lock, async (admitted) => {
        const session = await spawn(admitted, lock)
        if (session.spawned) reports.spawned({ documentId, grant, session })
        return session
      })
    } catch (error) {
      if (error instanceof SessionBackendError && error.code === 'too_many_requests') {
        return joinOrRefuse(visit, lock, error)
      }
      throw error
    }
  }

  const find = async (visit: Visit) => fetch(visit, await lockFor(visit))

  /** Works until the platform has forgotten the backend too, so that its followers see how it ended. */
  async function findLast(visit: Visit, ref: string | undefined): Promise<string> {
    try {
      return (await find(visit)).name
    } catch (error) {
      const lock = await lockFor(visit)
      const name = readRef(platform, lock, ref) ?? state.lastNames.get(lock)
      if (name === undefined || !isNotRunning(error)) throw error
      return name
    }
  }

  return {
    open,
    find,
    findLast,
    async terminate(visit) {
      const { name } = await find(visit)
      await platform.terminate(name, { signal: visit.abort.signal })
    },
  }
}

/** What a backend needs to know the app's signatures. PROTOCOL.md: "The key". */
function withControlKey(env: SpawnOptions['env'], [key]: readonly Uint8Array[]): SpawnOptions['env'] {
  if (env && Object.hasOwn(env, CONTROL_KEY_VARIABLE)) {
    throw invalidOption('env', 'without the variables that this package sets itself', CONTROL_KEY_VARIABLE)
  }
  return key ? { ...env, [CONTROL_KEY_VARIABLE]: Buffer.from(key).toString('base64url') } : env
}

function isNotRunning(error: unknown): boolean {
  return error instanceof SessionBackendError && error.code === 'not_running'
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
