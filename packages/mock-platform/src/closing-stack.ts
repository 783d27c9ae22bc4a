/** Closes what was opened, in the opposite order. */
export class ClosingStack {
  readonly #closes: (() => unknown)[] = []
  #closing: Promise<void> | undefined

  /** @param onProblem Called with each failure to close something. The rest is still closed. */
  constructor(private readonly onProblem: (problem: unknown) => void) {}

  /** Adds something to close. It is closed before everything that was added earlier. */
  push(close: () => unknown): void {
    this.#closes.push(close)
  }

  /** Closes everything, once. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    for (let close = this.#closes.pop(); close; close = this.#closes.pop()) {
      try {
        await close()
      } catch (error) {
        this.onProblem(error)
      }
    }
  }
}
