import { type Clock, type Session, SessionBackendError } from '@session-backend/core'
import { createBackoff, sleep } from '@session-backend/core/internal'
import { isOccupied, type RunningSlots, type Slot } from './running-slots.ts'

/** How the platform is asked about backends. */
export interface SlotSources {
  /** Returns the backend that holds a lock. Throws `not_running` if no backend does. */
  holder(lock: string, signal: AbortSignal): Promise<Session>
  /** Whether a backend reached a terminal status before its stream ended. */
  hasEnded(name: string, signal: AbortSignal): Promise<boolean>
}

/** How long the platform may still act on a request that was given up, in ms. */
const LATEST_ARRIVAL = 10_000
/** The longest wait between two requests to the platform, in ms. */
const MAX_WAIT = 10_000

/**
 * Gives the slot back when its backend has ended: when its stream says so, or when the platform says that
 * nobody holds the lock. Any other answer, or no answer, changes nothing. Resolves then, or when the signal
 * aborts; never rejects.
 */
export async function watchSlot(
  slots: RunningSlots,
  slot: Slot,
  sources: SlotSources,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (slot.watched) return
  slot.watched = true
  const backoff = createBackoff({ max: MAX_WAIT })
  try {
    while (isOccupied(slot)) {
      await followToEnd()
      if (!isOccupied(slot)) return
      await lookForHolder()
      if (isOccupied(slot)) await sleep(clock, backoff.next(), signal)
    }
  } catch {
    // The app is closing: another object on the same platform may go on.
  } finally {
    slot.watched = false
  }

  async function followToEnd() {
    const { name } = slot
    if (name === undefined) return
    const ended = await sources.hasEnded(name, signal).catch(() => false)
    if (ended) slots.ended(slot, name)
  }

  async function lookForHolder() {
    const { version, doubtful } = slot
    const isSettled = doubtful === undefined || clock.now() - doubtful >= LATEST_ARRIVAL
    try {
      const { name } = await sources.holder(slot.lock, signal)
      if (version === slot.version) slots.held(slot, name)
    } catch (error) {
      const isFree = error instanceof SessionBackendError && error.code === 'not_running'
      if (isFree && isSettled && version === slot.version) slots.free(slot)
    }
  }
}
