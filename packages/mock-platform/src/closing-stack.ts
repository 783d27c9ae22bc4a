/** What was opened, and is closed in the opposite order. */
export class ClosingStack {
  readonly #closes: (() => unknown)[] = []
  #closing: Promise<void> | undefined

  /** @param onProblem Told what could not be closed. The rest is closed all the same. */
  constructor(private readonly onProblem: (problem: unknown) => void) {}

  /** Adds what is closed before everything that was added earlier. */
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
