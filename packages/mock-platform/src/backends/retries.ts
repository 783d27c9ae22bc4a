import type { Backend } from './backend.ts'

/** How many are remembered: each keeps its spawn request, and the environment in it may be long. */
const MAX_RETRIES = 100

/** The backends that have failed, and how to spawn each again. */
export class Retries {
  readonly #byName = new Map<string, () => Backend>()

  /** Remembers how to spawn a backend again, should it fail. */
  add(backend: Backend, spawn: () => Backend): void {
    const remember = () => {
      if (backend.reason === undefined) return
      this.#byName.set(backend.name, spawn)
      for (const oldest of this.#byName.keys()) {
        if (this.#byName.size <= MAX_RETRIES) break
        this.#byName.delete(oldest)
      }
    }
    backend.ended.addEventListener('abort', remember, { once: true })
  }

  /** Whether a backend can be spawned again. */
  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** Spawns a backend again, or finds the one that has its lock since. Undefined if that can't be done. */
  spawn(name: string): Backend | undefined {
    return this.#byName.get(name)?.()
  }
}
