/** A spawn that is being made, was made, or may have been. */
interface Spawn {
  readonly user: string
  readonly lock: string
  /** In ms since the epoch. */
  readonly time: number
  /** How many calls for it are under way. */
  calls: number
  /**
   * Whether no answer tells if it was made. The same user's next call for the lock then counts as the same
   * spawn.
   */
  doubtful: boolean
}

/** How the call for a spawn went. */
export type SpawnOutcome = 'spawned' | 'found' | 'refused' | 'unknown'

/** Records who spawned when. A spawn counts before it is made. */
export class SpawnRate {
  /** Oldest first. */
  #spawns: Spawn[] = []

  /**
   * Whether the backend of that lock is being spawned, or may have been by this user: to ask again is to ask
   * for nothing more.
   */
  covers(lock: string, user: string): boolean {
    return this.#spawns.some(
      (spawn) => spawn.lock === lock && (spawn.calls > 0 || (spawn.doubtful && spawn.user === user)),
    )
  }

  /** When a user spawned after `start`, oldest first. Older spawns of all users are forgotten. */
  since(start: number, user: string): number[] {
    this.#spawns = this.#spawns.filter(({ time, calls }) => time > start || calls > 0)
    return this.#spawns.filter((spawn) => spawn.user === user).map(({ time }) => time)
  }

  /** Counts a spawn that is to be made. */
  begin(lock: string, user: string, time: number): { end(outcome: SpawnOutcome): void } {
    const earlier = this.#spawns.find((each) => each.lock === lock && each.user === user && each.doubtful)
    const spawn = earlier ?? { user, lock, time, calls: 0, doubtful: false }
    if (!earlier) this.#spawns.push(spawn)
    spawn.calls++
    return {
      end: (outcome) => {
        spawn.calls--
        const isMade = outcome === 'spawned' || (outcome === 'found' && spawn.doubtful)
        if (!isMade && outcome !== 'unknown' && !spawn.doubtful) this.#forget(spawn)
        spawn.doubtful = !isMade && (spawn.doubtful || outcome === 'unknown')
      },
    }
  }

  #forget(spawn: Spawn): void {
    this.#spawns = this.#spawns.filter((other) => other !== spawn)
  }
}
