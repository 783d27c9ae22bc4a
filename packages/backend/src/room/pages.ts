import { encodeRoomFrame, type HelloFrame } from '@session-backend/core/internal'
import type { Cursors } from '../storage/document-storage.ts'
import type { Connection } from './connection.ts'
import { PageCursors } from './cursors.ts'

/**
 * The longest time until a page is told what was received, in ms. Usually it is told earlier that its
 * messages are saved.
 */
const REPORT_AFTER = 250
/** How many messages a page may send again at once. PROTOCOL.md: "Once each". */
const MAX_KEPT = 10_000

/** How many pages one connection may speak for. */
const MAX_PAGES = 100

/** A page that said hello. */
interface Page {
  readonly connection: Connection
  readonly id: string
  readonly key: string
  /** The number of the last message that it will send again. */
  readonly last: number
  /** How many pages its connection will speak for after this one. */
  readonly left: number
  /** The numbers that the page was told last. */
  toldReceived: number
  toldSaved: number
}

/** The pages of a room that number their messages. PROTOCOL.md: "Once each". */
export class Pages {
  readonly #cursors: PageCursors
  /** The page of the last hello of each connection, whose messages the connection sends. */
  readonly #current = new Map<Connection, Page>()
  readonly #byKey = new Map<string, Page>()
  #timer: NodeJS.Timeout | undefined

  constructor(stored: Cursors | undefined) {
    this.#cursors = new PageCursors(stored)
  }

  /** A connection says whose messages follow, or asks how far they have come. */
  hello(connection: Connection, { page: id, since, last, left }: HelloFrame, user: string | undefined): void {
    // An id contains no space, so that no user can take another's.
    const key = user === undefined ? id : `${id} ${user}`
    const before = this.#byKey.get(key)
    if (before !== undefined && before.connection !== connection) {
      this.left(before.connection)
      before.connection.close(4409, 'A newer connection has taken the id of this page.')
    }
    if (before === undefined && this.#pagesOf(connection).length >= MAX_PAGES) {
      connection.refuse(4429, 'One connection sends for too many pages.')
      return
    }
    const cursor = this.#cursors.open(key, since)
    if (cursor === undefined) {
      this.#current.delete(connection)
      connection.send(encodeRoomFrame({ type: 'forgotten', page: id }))
      return
    }
    const { received, saved } = cursor
    const page = { connection, id, key, last, left, toldReceived: received, toldSaved: saved }
    this.#current.set(connection, page)
    this.#byKey.set(key, page)
    connection.allow(Math.min(Math.max(last - received, 0), MAX_KEPT))
    connection.send(encodeRoomFrame({ type: 'welcome', page: id, since: cursor.since, received, saved }))
  }

  /** Whether a connection speaks for a page. */
  has(connection: Connection): boolean {
    return this.#current.has(connection)
  }

  /** Whether a connection has sent again all that it kept, for all its pages. */
  isComplete(connection: Connection): boolean {
    const page = this.#current.get(connection)
    return page?.left === 0 && (this.#cursors.get(page.key)?.received ?? 0) >= page.last
  }

  /** Whether a number is the next one of its page. */
  orderOf(connection: Connection, number: number): 'next' | 'repeated' | 'gap' {
    const page = this.#current.get(connection)
    const received = page && this.#cursors.get(page.key)?.received
    if (received === undefined || number > received + 1) return 'gap'
    return number === received + 1 ? 'next' : 'repeated'
  }

  /** Counts a message that was applied. */
  received(connection: Connection, number: number): void {
    const page = this.#current.get(connection)
    if (page === undefined) return
    this.#cursors.received(page.key, number)
    this.#timer ??= setTimeout(() => this.reportReceived(), REPORT_AFTER)
  }

  left(connection: Connection): void {
    this.#current.delete(connection)
    for (const { key } of this.#pagesOf(connection)) {
      this.#byKey.delete(key)
      this.#cursors.close(key, Date.now())
    }
  }

  snapshot(): { stored: Cursors; saved: () => void } {
    const { stored, saved } = this.#cursors.snapshot(Date.now())
    return {
      stored,
      saved: () => {
        saved()
        this.#reportSaved()
      },
    }
  }

  /** Tells all pages which of their messages were received. */
  reportReceived(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const page of this.#byKey.values()) {
      const number = this.#cursors.get(page.key)?.received ?? 0
      if (number <= Math.max(page.toldReceived, page.toldSaved)) continue
      page.toldReceived = number
      page.connection.send(encodeRoomFrame({ type: 'received', page: page.id, number }))
    }
  }

  #pagesOf(connection: Connection): Page[] {
    return [...this.#byKey.values()].filter((page) => page.connection === connection)
  }

  #reportSaved(): void {
    for (const page of this.#byKey.values()) {
      const number = this.#cursors.get(page.key)?.saved ?? 0
      if (number <= page.toldSaved) continue
      page.toldSaved = number
      page.connection.send(encodeRoomFrame({ type: 'saved', page: page.id, number }))
    }
  }
}
