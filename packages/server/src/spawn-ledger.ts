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
  #undecided = 0

  /** How many backends run, or are being spawned. */
  get running(): number {
    return this.#running.size + this.#undecided
  }

  /** When a user spawned after `start`, oldest first. Older spawns are forgotten, whoever made them. */
  since(start: number, user: string): number[] {
    this.#recent = this.#recent.filter(({ time }) => time > start)
    return this.#recent.filter((spawn) => spawn.user === user).map(({ time }) => time)
  }

  /** Counts a spawn that is to be made; `settle` tells, by its name, which backend it made, if it did. */
  reserve(user: string, time: number): { settle(spawned: string | undefined): void } {
    const spawn = { user, time }
    this.#recent.push(spawn)
    this.#undecided++
    return {
      settle: (spawned) => {
        this.#undecided--
        if (spawned !== undefined) this.#running.add(spawned)
        else this.#recent = this.#recent.filter((other) => other !== spawn)
      },
    }
  }

  ended(name: string): void {
    this.#running.delete(name)
  }
}
