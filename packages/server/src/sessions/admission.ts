import { type Clock, type Session, SessionBackendError } from '@session-backend/core'
import { LeavingCaller } from '../caller.ts'
import type { Relay } from '../relay/relay.ts'
import type { Limits } from './limits.ts'
import type { SpawnLedger } from './spawn-ledger.ts'
import type { Visit } from './visit.ts'

/** Decides about spawns before they are made. */
export interface Admission {
  /**
   * Runs `spawn` and counts the backend that it makes for the user. Where a limit is reached, throws `too_many_requests`
   * before anything is spawned; who asks for a lock that is just being spawned asks for nothing more.
   *
   * What is counted is not given up when its user leaves: the platform may have spawned it by then, and whoever left in
   * time could go on without end.
   */
  admit(visit: Visit, lock: string, spawn: (visit: Visit) => Promise<Session>): Promise<Session>
}

/** Nobody knows when a backend will end; a client may ask again after this many seconds. */
const RETRY_AFTER_RUNNING = 10

/** @param ended Resolves when a backend of that name has ended. */
export function createAdmission(
  { spawnsPerUser, running }: Limits,
  ledger: SpawnLedger,
  clock: Clock,
  ended: Relay['ended'],
): Admission {
  if (!spawnsPerUser && running === undefined) return { admit: (visit, _lock, spawn) => spawn(visit) }

  function check(user: string, now: number) {
    if (running !== undefined && ledger.running >= running) {
      throw tooMany('Too many documents are open at the moment.', RETRY_AFTER_RUNNING)
    }
    const { max, seconds } = spawnsPerUser ?? { max: Number.POSITIVE_INFINITY, seconds: 0 }
    const times = ledger.since(now - seconds * 1000, user)
    const first = times[times.length - max]
    if (first !== undefined) {
      throw tooMany('You opened too many documents in a short time.', seconds - (now - first) / 1000)
    }
  }

  return {
    async admit(visit, lock, spawn) {
      const { grant, documentId, caller } = visit
      const { user = '' } = grant
      if (caller.left) throw caller.signal.reason
      const now = clock.now()
      if (!ledger.isUnderWay(lock)) check(user, now)
      const reservation = ledger.reserve(lock, user, now)
      let spawned: string | undefined
      try {
        const session = await spawn({ ...visit, caller: new LeavingCaller() })
        if (session.spawned) spawned = session.name
        return session
      } finally {
        reservation.settle(spawned)
        if (spawned !== undefined) follow(spawned, documentId)
      }
    },
  }

  async function follow(name: string, documentId: string) {
    if (running !== undefined) await ended(name, documentId)
    ledger.ended(name)
  }
}

function tooMany(message: string, retryAfter: number): SessionBackendError {
  return new SessionBackendError('too_many_requests', `${message} Try again later.`, { retryAfter })
}
