/** A spawn that is being made, or was made. */
interface Spawn {
  user: string
  /** In ms since the epoch. */
  time: number
}

/** What the limits count: who spawned when, and what runs. A spawn counts from before it is made. */
export class SpawnLedger {
  /** Oldest first. */
  #recent: Spawn[] = []
  readonly #running = new Set<string>()
  /** How many ask for each lock that is being spawned: it becomes one backend, however many they are. */
  readonly #underWay = new Map<string, number>()

  /** How many backends run, or are being spawned. */
  get running(): number {
    return this.#running.size + this.#underWay.size
  }

  /** Whether the backend of that lock is being spawned. */
  isUnderWay(lock: string): boolean {
    return this.#underWay.has(lock)
  }

  /** When a user spawned after `start`, oldest first. Older spawns are forgotten, whoever made them. */
  since(start: number, user: string): number[] {
    this.#recent = this.#recent.filter(({ time }) => time > start)
    return this.#recent.filter((spawn) => spawn.user === user).map(({ time }) => time)
  }

  /** Counts a spawn that is to be made; `settle` tells, by its name, which backend it made, if it did. */
  reserve(lock: string, user: string, time: number): { settle(spawned: string | undefined): void } {
    const spawn = { user, time }
    this.#recent.push(spawn)
    this.#underWay.set(lock, (this.#underWay.get(lock) ?? 0) + 1)
    return {
      settle: (spawned) => {
        const left = (this.#underWay.get(lock) ?? 1) - 1
        if (left > 0) this.#underWay.set(lock, left)
        else this.#underWay.delete(lock)
        if (spawned !== undefined) this.#running.add(spawned)
        else this.#recent = this.#recent.filter((other) => other !== spawn)
      },
    }
  }

  ended(name: string): void {
    this.#running.delete(name)
  }
}
