import { type Clock, type Session, SessionBackendError } from '@session-backend/core'
import { LazyAbortController, untilAborted } from '../common/lazy-abort.ts'
import { mayHaveArrived } from '../engine/arrival.ts'
import type { Limits } from './limits.ts'
import type { RunningSlots, Slot } from './running-slots.ts'
import type { SpawnOutcome, SpawnRate } from './spawn-rate.ts'
import type { Visit } from './visit.ts'

/** Decides about spawns before they are made. */
export interface Admission {
  /**
   * Runs `spawn` and counts the backend that it makes for the user. Throws `too_many_requests` before
   * anything is spawned if a limit is reached. A second request for a lock that is being spawned doesn't
   * count.
   *
   * The user may leave at any time, and the spawn goes on: the platform may have made it by then, and a user
   * who always left in time could spawn without end.
   */
  admit(visit: Visit, lock: string, spawn: (visit: Visit) => Promise<Session>): Promise<Session>
}

/** What the limits count, for all the apps of a process that are on one platform. */
export interface Counts {
  rate: SpawnRate
  slots: RunningSlots
}

/** How many seconds a client should wait: nobody knows when a backend will end. */
const RETRY_AFTER_RUNNING = 10

/** @param watch Looks for the end of a slot's backend, and gives the slot back then. */
export function createAdmission(
  { spawnsPerUser, running }: Limits,
  { rate, slots }: Counts,
  clock: Clock,
  watch: (slot: Slot, documentId?: string) => void,
): Admission {
  if (!spawnsPerUser && running === undefined) return { admit: (visit, _lock, spawn) => spawn(visit) }

  function checkRunning(lock: string) {
    if (running === undefined) return
    // The app that spawned them may have been closed.
    for (const slot of slots.unwatched()) watch(slot)
    if (slots.taken >= running && !slots.has(lock)) {
      throw tooMany('Too many documents are open at the moment.', RETRY_AFTER_RUNNING)
    }
  }

  function checkRate(lock: string, user: string, now: number) {
    if (!spawnsPerUser || rate.covers(lock, user)) return
    const { max, seconds } = spawnsPerUser
    const times = rate.since(now - seconds * 1000, user)
    const first = times[times.length - max]
    if (first !== undefined) {
      throw tooMany('You opened too many documents in a short time.', seconds - (now - first) / 1000)
    }
  }

  /** The spawn, as far as the number of running backends is concerned. */
  async function occupy({ documentId }: Visit, lock: string, work: () => Promise<Session>): Promise<Session> {
    if (running === undefined) return work()
    const slot = slots.enter(lock)
    try {
      const session = await work()
      slots.named(slot, session)
      return session
    } catch (error) {
      if (mayHaveArrived(error)) slots.doubted(slot, clock.now())
      throw error
    } finally {
      slots.leave(slot)
      watch(slot, documentId)
    }
  }

  async function count(visit: Visit, lock: string, user: string, work: () => Promise<Session>) {
    const spawn = rate.begin(lock, user, clock.now())
    let outcome: SpawnOutcome = 'refused'
    try {
      const session = await occupy(visit, lock, work)
      outcome = session.spawned ? 'spawned' : 'found'
      return session
    } catch (error) {
      if (mayHaveArrived(error)) outcome = 'unknown'
      throw error
    } finally {
      spawn.end(outcome)
    }
  }

  return {
    async admit(visit, lock, spawn) {
      const { grant, abort } = visit
      const { user = '' } = grant
      if (abort.aborted) throw abort.signal.reason
      checkRunning(lock)
      checkRate(lock, user, clock.now())
      const staying = { ...visit, abort: new LazyAbortController() }
      return untilAborted(
        count(visit, lock, user, () => spawn(staying)),
        abort,
      )
    },
  }
}

function tooMany(message: string, retryAfter: number): SessionBackendError {
  return new SessionBackendError('too_many_requests', `${message} Try again later.`, { retryAfter })
}
