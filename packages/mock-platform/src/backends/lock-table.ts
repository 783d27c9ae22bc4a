/** The name under which a lock of v1 is held: all services of an account share their locks. */
export function sharedLock(lock: string): string {
  return `shared/${lock}`
}

/** The name under which a key of v2 is held: each service has its own keys. */
export function serviceKey(service: string, key: string): string {
  return `service/${service}/${key}`
}

/**
 * Who holds which lock, whichever API it is of. The holder frees its lock when the
 * death of all its processes is confirmed, and not before.
 */
export class LockTable<Holder> {
  readonly #holders = new Map<string, Holder>()
  #lastToken: number

  /** @param lastToken Every fencing token will be higher. */
  constructor(lastToken: number) {
    this.#lastToken = lastToken
  }

  /** The highest fencing token so far. */
  get lastToken(): number {
    return this.#lastToken
  }

  holder(lock: string): Holder | undefined {
    return this.#holders.get(lock)
  }

  /**
   * A fencing token, higher than any before. Throws once the tokens are used up: from 2^53 on, numbers are
   * not exact.
   */
  nextToken(): number {
    if (this.#lastToken >= Number.MAX_SAFE_INTEGER) throw new Error('There is no higher fencing token.')
    return ++this.#lastToken
  }

  /** Gives a free lock to a holder. */
  grant(lock: string, holder: Holder): void {
    if (this.#holders.has(lock)) throw new Error('The lock is held.')
    this.#holders.set(lock, holder)
  }

  /** Frees a lock, if this holder has it. */
  release(lock: string, holder: Holder): void {
    if (this.#holders.get(lock) === holder) this.#holders.delete(lock)
  }
}
