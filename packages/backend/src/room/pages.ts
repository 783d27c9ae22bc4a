import { encodeRoomFrame, type PageFrame } from '@session-backend/core/internal'
import type { Cursors as StoredCursors } from '../storage/document-storage.ts'
import type { Connection } from './connection.ts'
import { Cursors } from './cursors.ts'

/** How long a page waits at most until it is told what was received, in ms. Mostly it is told sooner that it is saved. */
const REPORT_AFTER = 250
/** How many messages a page may send again at once. PROTOCOL.md: "Once each". */
const MAX_KEPT = 10_000

type Hello = Extract<PageFrame, { type: 'hello' }>

/** A page that said hello. */
interface Page {
  readonly connection: Connection
  readonly key: string
  /** What it was told last. */
  toldReceived: number
  toldSaved: number
}

/** The pages of a room that number their messages. PROTOCOL.md: "Once each". */
export class Pages {
  readonly #cursors: Cursors
  readonly #byConnection = new Map<Connection, Page>()
  readonly #byKey = new Map<string, Page>()
  #timer: NodeJS.Timeout | undefined

  constructor(stored: StoredCursors | undefined) {
    this.#cursors = new Cursors(stored)
  }

  hello(connection: Connection, { page: id, since, kept }: Hello, user: string | undefined): void {
    // An id contains no space, so that no user can take another's.
    const key = user === undefined ? id : `${id} ${user}`
    this.left(connection)
    const before = this.#byKey.get(key)
    if (before !== undefined) {
      this.left(before.connection)
      before.connection.close(4409, 'A newer connection has taken the id of this page.')
    }
    const cursor = this.#cursors.open(key, since)
    if (cursor === undefined) {
      connection.send(encodeRoomFrame({ type: 'forgotten' }))
      return
    }
    const { received, saved } = cursor
    const page = { connection, key, toldReceived: received, toldSaved: saved }
    this.#byConnection.set(connection, page)
    this.#byKey.set(key, page)
    connection.allow(Math.min(kept, MAX_KEPT))
    connection.send(encodeRoomFrame({ type: 'welcome', since: cursor.since, received, saved }))
  }

  /** Whether a number is the next one of its page. */
  orderOf(connection: Connection, number: number): 'next' | 'repeated' | 'gap' {
    const page = this.#byConnection.get(connection)
    const received = page && this.#cursors.get(page.key)?.received
    if (received === undefined || number > received + 1) return 'gap'
    return number === received + 1 ? 'next' : 'repeated'
  }

  /** Counts a message that was applied. */
  received(connection: Connection, number: number): void {
    const page = this.#byConnection.get(connection)
    if (page === undefined) return
    this.#cursors.received(page.key, number)
    this.#timer ??= setTimeout(() => this.#reportReceived(), REPORT_AFTER)
  }

  left(connection: Connection): void {
    const page = this.#byConnection.get(connection)
    if (page === undefined) return
    this.#byConnection.delete(connection)
    this.#byKey.delete(page.key)
    this.#cursors.close(page.key, Date.now())
  }

  snapshot(): { stored: StoredCursors; saved: () => void } {
    const { stored, saved } = this.#cursors.snapshot(Date.now())
    return {
      stored,
      saved: () => {
        saved()
        this.#reportSaved()
      },
    }
  }

  #reportReceived(): void {
    this.#timer = undefined
    for (const page of this.#byConnection.values()) {
      const number = this.#cursors.get(page.key)?.received ?? 0
      if (number <= Math.max(page.toldReceived, page.toldSaved)) continue
      page.toldReceived = number
      page.connection.send(encodeRoomFrame({ type: 'received', number }))
    }
  }

  #reportSaved(): void {
    for (const page of this.#byConnection.values()) {
      const number = this.#cursors.get(page.key)?.saved ?? 0
      if (number <= page.toldSaved) continue
      page.toldSaved = number
      page.connection.send(encodeRoomFrame({ type: 'saved', number }))
    }
  }
}
