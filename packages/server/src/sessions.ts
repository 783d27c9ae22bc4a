import { type Session, SessionBackendError } from '@session-backend/core'
import { createAdmission } from './admission.ts'
import { lockOf } from './lock.ts'
import type { Settings } from './options.ts'
import type { CallOptions, FetchRequest, Grant } from './platform.ts'
import type { Relay } from './relay.ts'
import type { Reporter } from './reporter.ts'
import type { SharedState } from './shared-state.ts'
import { traced } from './telemetry.ts'

/** A user who has been authorised, and what for. */
export interface Visit {
  documentId: string
  grant: Grant
  signal: AbortSignal
}

/** What can be done with the backend of a document, after authorisation. */
export interface Sessions {
  /** Spawns the backend, or finds the one that holds the document's lock. */
  open(visit: Visit): Promise<Session>
  /** Throws `not_running` where nobody holds the document's lock. */
  find(visit: Visit): Promise<Session>
  /** Throws `not_running` where there is nothing to terminate. */
  terminate(visit: Visit): Promise<void>
}

export function createSessions(
  settings: Settings,
  state: SharedState,
  relay: Relay,
  reporter: Reporter,
): Sessions {
  const { platform, lock: lockFunction, limits, clock } = settings
  const admission = createAdmission(limits, state.ledger, clock, relay.ended)

  /**
   * Simultaneous calls are one where the platform gives everybody the same session, and that one is made for no user
   * in particular. Elsewhere each is its user's own.
   */
  async function share(
    call: 'spawn' | 'fetch',
    { grant, signal }: Visit,
    lock: string,
    work: (request: FetchRequest, options: CallOptions) => Promise<Session>,
  ): Promise<Session> {
    const span = `session-backend platform ${call}`
    if (!platform.sharesSessions) return traced(span, {}, () => work({ lock, grant }, { signal }))
    const { value, first } = await state.flights.run(`${call} ${lock}`, signal, (shared) =>
      traced(span, {}, () => work({ lock }, { signal: shared })),
    )
    return first ? value : { ...value, spawned: false }
  }

  const fetch = (visit: Visit, lock: string) =>
    share('fetch', visit, lock, (request, options) => platform.fetch(request, options))

  const spawn = (visit: Visit, lock: string) =>
    share('spawn', visit, lock, async (request, options) => {
      const { tag, gracePeriodSeconds, env } = await settings.spawn({ documentId: visit.documentId })
      const session = await platform.spawn({ tag, gracePeriodSeconds, env, ...request }, options)
      if (settings.startupLog && session.spawned) state.envValues.remember(session.name, env)
      return session
    })

  /** A user who may not spawn now may still join what runs. */
  async function joinOrRefuse(visit: Visit, lock: string, refusal: unknown): Promise<Session> {
    try {
      return await fetch(visit, lock)
    } catch (error) {
      throw error instanceof SessionBackendError && error.code === 'not_running' ? refusal : error
    }
  }

  async function open(visit: Visit): Promise<Session> {
    const { documentId, grant } = visit
    const lock = lockOf(documentId, lockFunction)
    try {
      const session = await admission.admit(visit, lock, () => spawn(visit, lock))
      if (session.spawned) reporter.spawned({ documentId, grant, session })
      return session
    } catch (error) {
      if (error instanceof SessionBackendError && error.code === 'too_many_requests') {
        return joinOrRefuse(visit, lock, error)
      }
      throw error
    }
  }

  const find = async (visit: Visit) => fetch(visit, lockOf(visit.documentId, lockFunction))

  return {
    open,
    find,
    async terminate(visit) {
      const { name } = await find(visit)
      await platform.terminate(name, { signal: visit.signal })
    },
  }
}
