import type { Shelf } from '../../packages/react/src/messages/kept-on-disk.ts'
import type { KeptMessage } from '../../packages/react/src/messages/outbox.ts'
import { Outbox } from '../../packages/react/src/messages/outbox.ts'
import { after } from './virtual-time.ts'

/** The storage and the locks of one user's browser, as all its tabs see it. */
export class BrowserStorage {
  readonly #messages = new Map<string, Map<number, KeptMessage & { since: number }>>()
  /** Which tab holds each page id. */
  readonly #locks = new Map<string, AbortSignal>()

  constructor(private readonly delay: () => number) {}

  /** What is kept, by page id and number. */
  get kept(): string[] {
    return [...this.#messages.values()].flatMap((each) => [...each.values()].map(({ text }) => text))
  }

  /** The storage as a tab sees it, until it is closed: what is under way then doesn't happen. */
  shelfOf(closed: AbortSignal): Shelf {
    const step = async () => {
      await after(this.delay())
      if (closed.aborted) await new Promise(() => {})
    }
    const hold = (page: string) => {
      const holder = this.#locks.get(page)
      if (holder && holder !== closed && !holder.aborted) return false
      this.#locks.set(page, closed)
      return true
    }
    /** Transactions are done one after the other. */
    let last = Promise.resolve()
    const inTurn = (work: () => void): Promise<void> => {
      last = last.then(step).then(work)
      return last
    }
    const mine = new Set<string>()
    return {
      takeOver: async () => {
        await step()
        const outboxes: Outbox[] = []
        for (const page of [...this.#messages.keys()]) {
          if (mine.has(page)) continue
          await step()
          if (!hold(page)) continue
          mine.add(page)
          await step()
          const messages = [...(this.#messages.get(page)?.values() ?? [])].sort((a, b) => a.number - b.number)
          if (messages.length > 0) outboxes.push(Outbox.restore(page, messages))
        }
        return outboxes
      },
      keep: async ({ page, since }, messages) => {
        hold(page)
        mine.add(page)
        const copies = messages.map((message) => ({ ...message, since }))
        await inTurn(() => {
          const kept = this.#messages.get(page) ?? new Map()
          this.#messages.set(page, kept)
          for (const message of copies) kept.set(message.number, message)
        })
      },
      forget: (page, first, end) =>
        inTurn(() => {
          const kept = this.#messages.get(page)
          for (const number of kept?.keys() ?? []) if (number >= first && number <= end) kept?.delete(number)
          if (kept?.size === 0) this.#messages.delete(page)
        }),
    }
  }
}
