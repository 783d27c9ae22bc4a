import { below, openDatabase, STORE, settled } from './database.ts'
import { type KeptMessage, Outbox } from './outbox.ts'

/** How many outboxes one page takes over. */
const MAX_TAKEN_OVER = 32

/** Where a page keeps its unsaved messages, so that a later page can send them. */
export interface Shelf {
  /** Takes over the messages of pages that are gone. No two pages get the same messages. */
  takeOver(): Promise<Outbox[]>
  /** Keeps messages of a page, or their new `since`. */
  keep(outbox: Outbox, messages: readonly KeptMessage[]): Promise<void>
  /** Forgets a page's messages from one number to another, both included. */
  forget(page: string, first: number, last: number): Promise<void>
}

/** What is stored of a message, by its user, document, page id and number. */
interface StoredMessage extends KeptMessage {
  since: number
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

/**
 * Keeps messages in IndexedDB. A page holds a Web Lock on each of its ids until `closed`: ids whose lock is
 * free are those of pages that are gone.
 */
export async function createShelf(user: string, documentId: string, closed: AbortSignal): Promise<Shelf> {
  const { locks } = navigator
  const database = await openDatabase()
  const held = new Map<string, Promise<boolean>>()
  const store = (mode?: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE)

  /** Resolves to whether nobody else holds the id. */
  function hold(page: string): Promise<boolean> {
    const isHeld =
      held.get(page) ??
      new Promise<boolean>((resolve, reject) => {
        locks
          .request(`session-backend ${page}`, { ifAvailable: true }, (lock) => {
            resolve(lock !== null)
            return (
              lock &&
              !closed.aborted &&
              new Promise<void>((release) => closed.addEventListener('abort', () => release()))
            )
          })
          .catch(reject)
      })
    held.set(page, isHeld)
    return isHeld
  }

  async function read(page: string): Promise<Outbox[]> {
    const messages: StoredMessage[] = await settled(store().getAll(below(user, documentId, page)))
    return messages.length > 0 ? [Outbox.restore(page, messages)] : []
  }

  closed.addEventListener('abort', () => database.close())
  return {
    async takeOver() {
      const keys = await settled(store().getAllKeys(below(user, documentId)))
      const pages = new Set(keys.flatMap((key) => (Array.isArray(key) ? [String(key[2])] : [])))
      const outboxes: Outbox[] = []
      for (const page of [...pages].filter((each) => !held.has(each)).slice(0, MAX_TAKEN_OVER)) {
        if (await hold(page)) outboxes.push(...(await read(page)))
        else held.delete(page)
      }
      return outboxes
    },
    async keep({ page, since }, messages) {
      await hold(page)
      const writing = store('readwrite')
      for (const message of messages) {
        writing.put({ ...message, since }, [user, documentId, page, message.number])
      }
      await committed(writing.transaction)
    },
    async forget(page, first, last) {
      const range = IDBKeyRange.bound([user, documentId, page, first], [user, documentId, page, last])
      await settled(store('readwrite').delete(range))
    },
  }
}
