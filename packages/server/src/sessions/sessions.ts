import { isTerminal, type Session, SessionBackendError } from '@session-backend/core'
import type { DocumentContext } from '../common/document.ts'
import { lockOf } from '../request/lock.ts'
import { createAdmission } from './admission.ts'
import { readRef } from './backend-ref.ts'
import type { SessionsContext } from './context.ts'
import { createSharedCalls } from './shared-calls.ts'
import { type SlotSources, watchSlot } from './slot-watch.ts'
import { createSpawn } from './spawn.ts'
import type { Visit } from './visit.ts'

/** The operations on a document's backend, after authorization. */
export interface Sessions {
  /** Spawns the backend, or finds the one that holds the document's lock. */
  open(visit: Visit): Promise<Session>
  /** Throws `not_running` if no backend holds the document's lock. */
  find(visit: Visit): Promise<Session>
  /**
   * The name of the backend that holds the document's lock. If none does, the one that the page refers to;
   * else the last one that held it, as far as this process knows.
   */
  findLast(visit: Visit, ref: string | undefined): Promise<string>
  /** Throws `not_running` if there is nothing to terminate. */
  terminate(visit: Visit): Promise<void>
}

export function createSessions(context: SessionsContext): Sessions {
  const { settings, state, relay, reports, closing } = context
  const { platform, limits, clock } = settings
  const { counts } = state
  const lockFor = (document: DocumentContext) => lockOf(document, settings.lock, clock)
  const share = createSharedCalls(context)
  const spawn = createSpawn(context)
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

  const fetch = (visit: Visit, lock: string) =>
    share('fetch', visit, lock, (request, options) => platform.fetch(request, options))

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
        const session = await share('spawn', admitted, lock, (request, options) =>
          spawn(admitted, request, options),
        )
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

function isNotRunning(error: unknown): boolean {
  return error instanceof SessionBackendError && error.code === 'not_running'
}
