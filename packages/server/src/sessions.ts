import type { Session } from '@session-backend/core'
import { lockOf } from './lock.ts'
import type { Settings } from './options.ts'
import type { Grant } from './platform.ts'
import type { Reporter } from './reporter.ts'
import { SingleFlight } from './single-flight.ts'

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

export function createSessions(settings: Settings, reporter: Reporter): Sessions {
  const { platform, lock: lockFunction, spawn } = settings
  const flights = new SingleFlight<Session>()

  /** Simultaneous calls are one where the platform gives everybody the same session; else each is its user's own. */
  async function share(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Session>) {
    if (!platform.sharesSessions) return work(signal)
    const { value, own } = await flights.run(key, signal, work)
    return own ? value : { ...value, spawned: false }
  }

  async function find({ documentId, grant, signal }: Visit): Promise<Session> {
    const lock = lockOf(documentId, lockFunction)
    return share(`fetch ${lock}`, signal, (shared) => platform.fetch({ lock, grant }, { signal: shared }))
  }

  return {
    find,

    async open({ documentId, grant, signal }) {
      const lock = lockOf(documentId, lockFunction)
      const session = await share(`spawn ${lock}`, signal, async (shared) => {
        const options = await spawn({ documentId })
        return platform.spawn({ ...options, lock, grant }, { signal: shared })
      })
      if (session.spawned) reporter.spawned({ documentId, grant, session })
      return session
    },

    async terminate(visit) {
      const { name } = await find(visit)
      await platform.terminate(name, { signal: visit.signal })
    },
  }
}
