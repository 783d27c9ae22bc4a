import type { Clock, TerminalStatus } from '@session-backend/core'
import {
  createBackoff,
  parseComeBack,
  pause,
  SessionBackendError,
  sleep,
} from '@session-backend/core/internal'
import type { Loss } from '../connection/open-connection.ts'
import { isBusy, isClosedForAll } from './close-codes.ts'
import { type Reaction, reactionTo } from './end-of-backend.ts'
import { createRespawnBudget } from './respawn-budget.ts'

/** A connection that lasted this long, in ms, was healthy: the next failure starts the back-off over. */
const HEALTHY_AFTER = 10_000
/** A connection that was lost alone is attempted again within this time, in ms. */
const FIRST_ATTEMPT = 100
/**
 * Attempts of all pages at once are spread over this time, in ms. Of 2,000 pages, fewer than 200 come in any
 * 100 ms.
 */
const SPREAD = 2000
/**
 * The next request is spread over this many times the platform's last answer time. If one page got its answer
 * in 20 ms, 2,000 pages would take 2 s.
 */
const CROWD = 4
/** A server that asks to wait longer, in s, is asked again after this time. */
const RETRY_AFTER_LIMIT = 60

/**
 * How long a session waits before each step. It should come back soon, but not too often, and not at the same
 * moment as all other pages.
 */
export interface Pace {
  /** Waits after a temporary error of the app's route. */
  afterError(retryAfter: number | undefined): Promise<void>
  /** Waits before the status is read after a stream has ended: so many ms, or longer each time. */
  afterStream(ms?: number): Promise<void>
  /** There is a connection, until `signal` aborts. */
  connected(signal: AbortSignal): void
  /** After a connection was lost, or could not be made. */
  afterLoss(loss: Loss): Promise<void>
  /** All pages have learned of the end of their backend at the same moment. */
  atOneMoment(): void
  /**
   * Waits after a loss that all pages may have had at the same moment.
   *
   * @param answeredIn How long the platform took to answer, in ms, if it did. A slow platform is probably
   * being asked by many pages.
   */
  spread(answeredIn?: number): Promise<void>
  /**
   * Counts a respawn that others have made.
   *
   * @throws SessionBackendError `crash_loop` if there were too many.
   */
  payRespawn(): number
  /**
   * Waits before a backend is respawned. Throws like `payRespawn`, and `backend_ended` if only the user may
   * respawn it.
   *
   * @param wasAnnounced Whether the backend told its pages to come back.
   * @param onPaid Called if there is a respawn to wait for.
   */
  beforeRespawn(status: TerminalStatus, wasAnnounced: boolean, onPaid: () => void): Promise<void>
}

/**
 * @param patient Stands still while the page is hidden.
 * @param signal Ends all waits.
 */
export function createPace(clock: Clock, patient: Clock, random: () => number, signal: AbortSignal): Pace {
  const backoff = createBackoff({ random })
  const terminations = createBackoff({ initial: 1000, random })
  const budget = createRespawnBudget(clock, random, signal)
  /** Whether the next lost connection is attempted again almost at once. */
  let isRested = true
  /**
   * Whether all pages may have lost the same backend. Their next steps would then come at the same moment
   * too.
   */
  let mayBeMany = false
  /** Whether they are spread already. */
  let isSpread = false
  /** Over how long they spread, in ms. */
  let within = SPREAD

  async function wait(ms: number) {
    if (ms > 0) await sleep(patient, ms, signal)
  }

  function spreadTime(most = SPREAD): number {
    return mayBeMany && !isSpread ? random() * Math.min(most, within) : 0
  }

  function payRespawn(): number {
    const ms = budget.payRespawn()
    if (ms !== undefined) return ms
    throw new SessionBackendError('crash_loop', "This document's server keeps crashing.")
  }

  function waitBefore(reaction: Reaction): number {
    if (reaction === 'replace at once') return 0
    if (reaction === 'replace after a wait') return terminations.next()
    const ms = payRespawn()
    return reaction === 'respawn at once' ? 0 : ms
  }

  return {
    async afterError(retryAfter = 0) {
      // The server's own wait is not cut short when the page is shown again.
      if (retryAfter) await sleep(clock, Math.min(retryAfter, RETRY_AFTER_LIMIT) * 1000, signal)
      await wait(backoff.next() + spreadTime())
    },
    afterStream: (ms = backoff.next()) => wait(ms),
    connected(connection) {
      budget.connected()
      sleep(clock, HEALTHY_AFTER, connection).then(
        () => {
          backoff.reset()
          terminations.reset()
          isRested = true
        },
        () => {},
      )
    },
    async afterLoss({ code, reason, wasConnected }) {
      mayBeMany = true
      isSpread = isClosedForAll(code)
      within = (isSpread ? parseComeBack(reason) : undefined) ?? SPREAD
      const wasRested = isRested && wasConnected
      isRested = false
      if (isSpread) await wait(random() * within)
      else if (isBusy(code)) await pause(patient, backoff, 1, signal)
      else await wait(wasRested ? random() * FIRST_ATTEMPT : backoff.next())
    },
    atOneMoment() {
      isSpread = false
    },
    async spread(answeredIn = SPREAD) {
      const ms = spreadTime(answeredIn * CROWD)
      isSpread = false
      await wait(ms)
    },
    payRespawn,
    async beforeRespawn(status, wasAnnounced, onPaid) {
      const reaction = reactionTo(status, wasAnnounced)
      if (reaction === 'stay ended')
        throw new SessionBackendError('backend_ended', "This document's server has stopped.")
      const ms = waitBefore(reaction) + spreadTime()
      isSpread = false
      onPaid()
      await wait(ms)
    },
  }
}
