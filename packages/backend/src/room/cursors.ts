import type { Cursors } from '../storage/document-storage.ts'

/** PROTOCOL.md: "Cursors that are gone". */
const MAX_ABSENT = 1_000
const MAX_AGE = 7 * 24 * 60 * 60 * 1000

/** How far the messages of one page have come. */
interface Cursor {
  /** Grows with each new page, so that it says which pages were new before others were deleted. */
  readonly since: number
  received: number
  saved: number
  /** When the page was last connected, in ms since the epoch. */
  seenAt: number
  /** Whether the page is connected now. */
  present: boolean
}

/** How far the messages of each page have been applied, and saved. PROTOCOL.md: "Once each". */
export class PageCursors {
  readonly #cursors = new Map<string, Cursor>()
  #nextSince: number
  /** The highest `since` of the cursors that were deleted. */
  #givenUp: number

  constructor(stored: Cursors | undefined) {
    const { nextSince, givenUp, pages } = parseStored(stored)
    this.#nextSince = nextSince
    this.#givenUp = givenUp
    for (const [key, since, received, seenAt] of pages) {
      this.#cursors.set(key, { since, received, saved: received, seenAt, present: false })
    }
  }

  /** Adds a page. Returns `undefined` if its cursor was deleted. */
  open(key: string, since: number): Readonly<Cursor> | undefined {
    const known = this.#cursors.get(key)
    if (known === undefined && since > 0 && since <= this.#givenUp) return undefined
    // A `since` of an earlier backend that saved nothing of the page is kept: it is still below the next one
    // given up.
    const cursor = known ?? {
      since: since || this.#nextSince,
      received: 0,
      saved: 0,
      seenAt: 0,
      present: true,
    }
    this.#nextSince = Math.max(this.#nextSince, cursor.since + 1)
    cursor.present = true
    this.#cursors.set(key, cursor)
    return cursor
  }

  /** Removes a page. Its cursor is kept only if it sent a message. */
  close(key: string, now: number): void {
    const cursor = this.#cursors.get(key)
    if (cursor === undefined) return
    if (cursor.received === 0) this.#cursors.delete(key)
    cursor.present = false
    cursor.seenAt = now
  }

  get(key: string): Readonly<Cursor> | undefined {
    return this.#cursors.get(key)
  }

  /** Counts a message that was applied. */
  received(key: string, number: number): void {
    const cursor = this.#cursors.get(key)
    if (cursor !== undefined) cursor.received = number
  }

  /**
   * Returns the cursors to store, and a function to call once they are saved. Deletes cursors that are too
   * old or too many.
   */
  snapshot(now: number): { stored: Cursors; saved: () => void } {
    this.#giveUp(now)
    const pages = [...this.#cursors].filter(([, { received }]) => received > 0)
    const counts = pages.map(([, cursor]) => [cursor, cursor.received] as const)
    return {
      stored: {
        nextSince: this.#nextSince,
        givenUp: this.#givenUp,
        pages: pages.map(([key, { since, received, seenAt, present }]) => [
          key,
          since,
          received,
          present ? now : seenAt,
        ]),
      },
      saved: () => {
        for (const [cursor, received] of counts) cursor.saved = received
      },
    }
  }

  #giveUp(now: number): void {
    const absent = [...this.#cursors].filter(([, { present }]) => !present)
    absent.sort(([, a], [, b]) => b.seenAt - a.seenAt)
    absent.forEach(([key, { since, seenAt }], index) => {
      if (index < MAX_ABSENT && now - seenAt < MAX_AGE) return
      this.#cursors.delete(key)
      this.#givenUp = Math.max(this.#givenUp, since)
    })
  }
}

type StoredPage = [key: string, since: number, received: number, seenAt: number]

/**
 * Invalid cursors, for example of an older version, must not end the backend. It then starts without cursors.
 */
function parseStored(stored: Cursors | undefined) {
  const { nextSince, givenUp, pages } = stored ?? {}
  return {
    nextSince: isCount(nextSince) ? nextSince : 1,
    givenUp: isCount(givenUp) ? givenUp : 0,
    pages: Array.isArray(pages) ? pages.flatMap(parsePage) : [],
  }
}

function parsePage(page: unknown): StoredPage[] {
  if (!Array.isArray(page)) return []
  const [key, since, received, seenAt]: unknown[] = page
  if (typeof key !== 'string' || !isCount(since) || !isCount(received) || !isCount(seenAt)) return []
  return [[key, since, received, seenAt]]
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
