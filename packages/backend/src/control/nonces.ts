import { lastCurrent } from '@session-backend/core/internal'

/** PROTOCOL.md: "The request". */
const MAX_NONCES = 10_000

/** The nonces of requests that could still be sent a second time. */
export class Nonces {
  /** By nonce, the time until which its request would be accepted. */
  readonly #until = new Map<string, number>()

  /** Remembers the nonce of a request that was signed at `time`. */
  use(nonce: string, time: number, now: number): 'new' | 'used' | 'full' {
    if (this.#until.has(nonce)) return 'used'
    if (this.#until.size >= MAX_NONCES) this.#forget(now)
    if (this.#until.size >= MAX_NONCES) return 'full'
    this.#until.set(nonce, lastCurrent(time))
    return 'new'
  }

  #forget(now: number): void {
    for (const [nonce, until] of this.#until) if (until < now) this.#until.delete(nonce)
  }
}
