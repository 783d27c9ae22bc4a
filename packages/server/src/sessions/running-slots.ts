/** The share that one lock takes of the number of backends that may run. */
export interface Slot {
  readonly lock: string
  /** How many calls are under way that may spawn its backend. */
  calls: number
  /** The backend that runs, if an answer has named it. */
  name: string | undefined
  /** When a call last failed in a way that leaves open whether it spawned, in ms since the epoch. */
  doubtful: number | undefined
  /** Grows with each answer. An older answer about the lock is out of date. */
  version: number
  /** Whether {@link watchSlot} waits for the end of its backend. */
  watched: boolean
}

/**
 * The backends that this process has spawned, or may have, by their locks: a lock has at most one backend. A
 * slot is taken before the platform is asked, and given back when its backend can't be running any more, also
 * if answers were lost.
 */
export class RunningSlots {
  readonly #slots = new Map<string, Slot>()

  get taken(): number {
    return this.#slots.size
  }

  has(lock: string): boolean {
    return this.#slots.has(lock)
  }

  /** The occupied slots that are not watched. */
  unwatched(): Slot[] {
    return [...this.#slots.values()].filter((slot) => !slot.watched && isOccupied(slot))
  }

  /** Takes the lock's slot for a call that may spawn; {@link leave} ends the call. */
  enter(lock: string): Slot {
    const slot = this.#slots.get(lock) ?? {
      ...{ lock, calls: 0, name: undefined, doubtful: undefined, version: 0, watched: false },
    }
    this.#slots.set(lock, slot)
    slot.calls++
    slot.version++
    return slot
  }

  leave(slot: Slot): void {
    slot.calls--
    this.#release(slot)
  }

  /**
   * An answer named the backend that holds the lock. One that was found is ours only if an earlier answer was
   * lost.
   */
  named(slot: Slot, { name, spawned }: { name: string; spawned: boolean }): void {
    slot.version++
    if (spawned || (slot.doubtful !== undefined && slot.name === undefined)) slot.name = name
  }

  /** A call ended without an answer that says whether it has spawned. */
  doubted(slot: Slot, now: number): void {
    slot.version++
    slot.doubtful = now
  }

  /** Who holds the lock at the moment. If a call is in doubt, the backend counts as spawned by that call. */
  held(slot: Slot, name: string): void {
    if (slot.name === name) return
    slot.name = slot.doubtful === undefined ? undefined : name
    this.#release(slot)
  }

  /** The backend of that name has ended. What a call may have spawned since is looked for. */
  ended(slot: Slot, name: string): void {
    if (slot.name !== name) return
    slot.name = undefined
    this.#release(slot)
  }

  /** Nobody holds the lock, and no call for it is still under way. */
  free(slot: Slot): void {
    slot.name = undefined
    slot.doubtful = undefined
    this.#release(slot)
  }

  #release(slot: Slot): void {
    if (slot.calls === 0 && !isOccupied(slot)) this.#slots.delete(slot.lock)
  }
}

/** Whether a backend runs, or may run. */
export function isOccupied({ name, doubtful }: Slot): boolean {
  return name !== undefined || doubtful !== undefined
}
