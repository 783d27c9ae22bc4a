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
  /** By their names, the locks of the backends that run. */
  readonly #running = new Map<string, string>()
  /** By its lock, the last of them. */
  readonly #holders = new Map<string, string>()
  /** How many ask for each lock that is being spawned: it becomes one backend, however many they are. */
  readonly #underWay = new Map<string, number>()

  /** How many backends run, or are being spawned. Who opens again what runs asks for no other. */
  get running(): number {
    let count = this.#running.size
    for (const lock of this.#underWay.keys()) if (!this.#holders.has(lock)) count++
    return count
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
        if (spawned === undefined) {
          this.#recent = this.#recent.filter((other) => other !== spawn)
          return
        }
        this.#running.set(spawned, lock)
        this.#holders.set(lock, spawned)
      },
    }
  }

  ended(name: string): void {
    const lock = this.#running.get(name)
    this.#running.delete(name)
    if (lock !== undefined && this.#holders.get(lock) === name) this.#holders.delete(lock)
  }
}
