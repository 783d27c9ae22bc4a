import type { UseSessionBackendResult } from '@session-backend/react'
import { Board } from '../shared/board.ts'
import { MAX_POINTS, MAX_STROKES, type Person, type Stroke } from '../shared/protocol.ts'
import type { BoardConnection } from './connect.ts'

/** Where somebody else points to. */
export interface Cursor {
  x: number
  y: number
}

/** What a page shows of a board. Each part is replaced when it changes. */
export interface BoardState {
  /** Whether the board has been received; before that there is nothing to draw on. */
  loaded: boolean
  /** Which of the people is me. */
  me: string | undefined
  people: readonly Person[]
  strokes: readonly Stroke[]
  cursors: Readonly<Record<string, Cursor>>
}

const EMPTY: BoardState = { loaded: false, me: undefined, people: [], strokes: [], cursors: {} }

/** What is needed of a session and its connection. */
type Session = Pick<UseSessionBackendResult<unknown>, 'phase' | 'unsaved'> & {
  connection: Pick<BoardConnection, 'send' | 'subscribe'> | undefined
}

/**
 * The page's copy of a board: what the backend has told, and over it what was done here and isn't saved yet.
 * It outlives connections and backends.
 */
export class BoardStore {
  #state = EMPTY
  #connection: Session['connection']
  #unsubscribe = () => {}
  #board = new Board()
  /** The strokes that were drawn here, and what was taken off here, since all was saved last. */
  readonly #drawn = new Map<string, Stroke>()
  readonly #erased = new Set<string>()
  readonly #listeners = new Set<() => void>()

  /** @param user The id of the user of this page. */
  constructor(private readonly user: string) {}

  get state(): BoardState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Goes on with what has become of the session. */
  follow({ phase, connection, unsaved }: Session): void {
    if (connection && connection !== this.#connection) this.#talkOver(connection)
    // A session that begins may be another one: then nobody would send what the last connection keeps.
    if (!connection && phase !== 'failed' && phase !== 'ended') this.#connection = undefined
    if (phase !== 'connected') this.#set({ people: [], cursors: {} })
    if (unsaved?.count === 0) this.#settle()
  }

  /**
   * Begins a stroke, or goes on with it. Returns the stroke to go on with: one that is full is followed by
   * another, which begins where it ends. A full board takes no more strokes.
   */
  draw(id: string, color: number, point: Stroke['points'][number]): string {
    const known = this.#drawn.get(id) ?? this.#board.find(id)
    const last = known?.points.at(-1)
    if (known && last && known.points.length >= MAX_POINTS) {
      return this.#draw({ id: crypto.randomUUID(), by: this.user, color, points: [] }, [last, point])
    }
    return this.#draw(known ?? { id, by: this.user, color, points: [] }, [point])
  }

  erase(ids: string[]): void {
    if (!this.#connection?.send('erase', ids)) return
    for (const id of ids) this.#erased.add(id)
    this.#show()
  }

  /** Takes the last of this user's lines off the board. */
  undo(): void {
    const last = this.lastOwn()
    if (last !== undefined) this.erase([last])
  }

  /** The last of this user's lines. */
  lastOwn(): string | undefined {
    return this.#state.strokes.findLast(({ by }) => by === this.user)?.id
  }

  pointTo(cursor: Cursor): void {
    this.#connection?.send('cursor', cursor)
  }

  #talkOver(connection: NonNullable<Session['connection']>): void {
    this.#unsubscribe()
    this.#connection = connection
    this.#unsubscribe = connection.subscribe({
      board: ({ me, people, strokes }) => {
        this.#board = new Board(strokes)
        this.#set({ loaded: true, me, people, cursors: {} })
        this.#show()
      },
      people: (people) => this.#set({ people, cursors: {} }),
      cursor: ({ person, x, y }) => this.#set({ cursors: { ...this.#state.cursors, [person]: { x, y } } }),
      drawn: ({ by, ...piece }) => {
        this.#board.draw(by, piece)
        this.#show()
      },
      erased: ({ by, ids }) => {
        this.#board.erase(by, ids)
        for (const id of ids) {
          this.#drawn.delete(id)
          this.#erased.delete(id)
        }
        this.#show()
      },
    })
  }

  /** Draws what is sent, or kept to be sent, and no more. */
  #draw(stroke: Stroke, points: Stroke['points']): string {
    const { id, color } = stroke
    const isFull = stroke.points.length === 0 && this.#state.strokes.length >= MAX_STROKES
    if (isFull || !this.#connection?.send('draw', { id, color, points })) return id
    this.#drawn.set(id, { ...stroke, points: [...stroke.points, ...points] })
    this.#show()
    return id
  }

  /** All is saved: the backend tells everybody what it applies, and that comes before. */
  #settle(): void {
    this.#drawn.clear()
    this.#erased.clear()
    this.#show()
  }

  #show(): void {
    const begun = [...this.#drawn.values()].filter(({ id }) => !this.#board.find(id))
    const strokes = this.#board.strokes.map((stroke) => this.#drawn.get(stroke.id) ?? stroke)
    this.#set({ strokes: [...strokes, ...begun].filter(({ id }) => !this.#erased.has(id)) })
  }

  #set(change: Partial<BoardState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

const stores = new Map<string, BoardStore>()

/** This window's copy of a board. It is kept when another page is shown. */
export function boardStoreOf(board: string, user: string): BoardStore {
  const key = `${board} ${user}`
  const store = stores.get(key) ?? new BoardStore(user)
  // A server has many users, and keeps nothing of theirs.
  if (typeof window !== 'undefined') stores.set(key, store)
  return store
}
