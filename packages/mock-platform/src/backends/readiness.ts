import { SessionBackendError } from '@session-backend/core'
import type { Address } from '../address.ts'

/** Lets clients wait until a backend is Ready. */
export class Readiness {
  #address: Address | undefined
  #ended = false
  readonly #waiting = new Set<() => void>()

  /** The backend is Ready, and listens there. */
  ready(address: Address): void {
    this.#address = address
    this.#settle()
  }

  /** The backend has ended. */
  end(): void {
    this.#ended = true
    this.#settle()
  }

  /**
   * Resolves to where the backend listens; rejects with `gone` when it has ended, and when the signal aborts.
   */
  wait(signal: AbortSignal): Promise<Address> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (signal.aborted) reject(signal.reason)
        else if (this.#ended) reject(new SessionBackendError('gone', 'The backend has ended.'))
        else if (this.#address) resolve(this.#address)
        else return
        this.#waiting.delete(settle)
        signal.removeEventListener('abort', settle)
      }
      this.#waiting.add(settle)
      signal.addEventListener('abort', settle, { once: true })
      settle()
    })
  }

  #settle(): void {
    for (const settle of [...this.#waiting]) settle()
  }
}
