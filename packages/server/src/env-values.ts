/** How many backends' values are kept. */
const KEPT = 1_000

/**
 * The values of the environment variables that backends were started with: what their logs must not show. The app's
 * `spawn` can't be asked again, since it may have made them for this one backend.
 */
export class EnvValues {
  /** By the backends' names, oldest first. */
  readonly #values = new Map<string, readonly string[]>()

  remember(name: string, env: Record<string, string> = {}): void {
    this.#values.set(name, Object.values(env))
    if (this.#values.size <= KEPT) return
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest)
      return
    }
  }

  /** `undefined` where the backend was started by another process, or long ago. */
  of(name: string): readonly string[] | undefined {
    return this.#values.get(name)
  }
}
