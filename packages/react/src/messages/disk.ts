import { SessionBackendError } from '@session-backend/core/internal'
import type { Shelf } from './kept-on-disk.ts'
import type { KeptMessage, Outbox } from './outbox.ts'

/** Keeps messages on the disk too, until that fails once: missing messages there would be worse than none. */
export class Disk {
  #shelf: Shelf | undefined

  /** Whether messages are kept here. */
  get isUsed(): boolean {
    return this.#shelf !== undefined
  }

  constructor(private readonly onError: (error: SessionBackendError) => void) {}

  /** Opens it, unless it is open, and takes over what closed pages have kept there. */
  async takeOver(open: () => Promise<Shelf>): Promise<Outbox[]> {
    try {
      this.#shelf ??= await open()
      return await this.#shelf.takeOver()
    } catch (cause) {
      this.#giveUp(cause)
      return []
    }
  }

  async keep(outbox: Outbox, messages: readonly KeptMessage[]): Promise<void> {
    await this.#shelf?.keep(outbox, messages).catch((cause) => this.#giveUp(cause))
  }

  /** Forgets messages from one number to another, both included. */
  forget({ page }: Outbox, first: number, last: number): void {
    this.#shelf?.forget(page, first, last).catch((cause) => this.#giveUp(cause))
  }

  #giveUp(cause: unknown): void {
    this.#shelf = undefined
    const message = 'Unsaved messages are kept in memory only: the browser has refused to store them.'
    this.onError(new SessionBackendError('internal', message, { cause }))
  }
}
