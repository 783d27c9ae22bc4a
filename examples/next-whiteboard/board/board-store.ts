import { MAX_POINTS, MAX_STROKES, type Person, type Piece, type Stroke } from '../shared/protocol.ts'
import { type Connection, receive, send } from './wire.ts'

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
  /** How many of this page's changes are not safe on disk yet. */
  unsaved: number
}

const EMPTY: BoardState = {
  loaded: false,
  me: undefined,
  people: [],
  strokes: [],
  cursors: {},
  unsaved: 0,
}

/** The page's copy of a board. It outlives connections and backends: unsaved changes are made again on the next one. */
export class BoardStore {
  #state = EMPTY
  #connection: Connection | undefined
  /** This page's strokes that are not safe on disk yet. */
  readonly #unsaved = new Set<string>()
  /** What this page has taken off the board, and may still be in the file. */
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

  /** Listens and talks to the board's backend, until the function it returns is called. */
  attach(connection: Connection): () => void {
    this.#connection = connection
    const unsubscribe = receive(connection, {
      welcome: ({ me, people, strokes }) => this.#welcome(me, people, strokes),
      people: (people) => this.#set({ people, cursors: {} }),
      cursor: ({ person, x, y }) => this.#set({ cursors: { ...this.#state.cursors, [person]: { x, y } } }),
      drawn: ({ by, ...piece }) => this.#extend(by, piece),
      erased: (ids) => this.#remove(ids),
      saved: (points) => this.#forgetSaved(points),
    })
    return () => {
      unsubscribe()
      this.#connection = undefined
      this.#set({ me: undefined, people: [], cursors: {} })
    }
  }

  /**
   * Begins a stroke, or goes on with it. Returns the stroke to go on with: one that is full is followed by another,
   * which begins where it ends. A full board takes no more strokes.
   */
  draw(id: string, color: number, point: Stroke['points'][number]): string {
    const known = this.#find(id)?.points ?? []
    const last = known.at(-1)
    const full = last && known.length >= MAX_POINTS
    const to = full ? { id: crypto.randomUUID(), from: 0 } : { id, from: known.length }
    if (to.from === 0 && this.#state.strokes.length >= MAX_STROKES) return id
    const points = full ? [last, point] : [point]
    this.#unsaved.add(to.id)
    const piece = { ...to, color, points }
    this.#extend(this.user, piece)
    send(this.#connection, 'draw', piece)
    return to.id
  }

  erase(ids: string[]): void {
    for (const id of ids) this.#erased.add(id)
    this.#remove(ids)
    send(this.#connection, 'erase', ids)
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
    send(this.#connection, 'cursor', cursor)
  }

  /** A backend, perhaps a new one: what it has is the board, and what it may not have is sent again. */
  #welcome(me: string, people: Person[], strokes: Stroke[]): void {
    const mine = this.#state.strokes.filter(({ id }) => this.#unsaved.has(id))
    const erased = strokes.filter(({ id }) => this.#erased.has(id)).map(({ id }) => id)
    this.#set({ loaded: true, me, people, strokes, cursors: {} })
    if (erased.length > 0) this.erase(erased)
    for (const { id, color, points } of mine) {
      const piece = { id, color, from: 0, points }
      this.#extend(this.user, piece)
      send(this.#connection, 'draw', piece)
    }
  }

  #forgetSaved(points: Record<string, number>): void {
    for (const id of this.#unsaved) {
      if ((points[id] ?? 0) >= (this.#find(id)?.points.length ?? 0)) this.#unsaved.delete(id)
    }
    for (const id of this.#erased) if (points[id] === undefined) this.#erased.delete(id)
    this.#set({})
  }

  #find(id: string): Stroke | undefined {
    return this.#state.strokes.find((stroke) => stroke.id === id)
  }

  #extend(by: string, { id, color, from, points }: Piece): void {
    const known = this.#find(id)
    const before = known?.points ?? []
    const fresh = points.slice(Math.max(before.length - from, 0))
    if (from > before.length || fresh.length === 0) return
    const stroke = { id, by, color, points: [...before, ...fresh] }
    const strokes = known
      ? this.#state.strokes.map((each) => (each === known ? stroke : each))
      : [...this.#state.strokes, stroke]
    // A line that is drawn after it was taken off has been put back.
    this.#erased.delete(id)
    this.#set({ strokes })
  }

  #remove(ids: readonly string[]): void {
    for (const id of ids) this.#unsaved.delete(id)
    this.#set({ strokes: this.#state.strokes.filter(({ id }) => !ids.includes(id)) })
  }

  #set(change: Partial<Omit<BoardState, 'unsaved'>>): void {
    this.#state = { ...this.#state, ...change, unsaved: this.#unsaved.size + this.#erased.size }
    for (const listener of this.#listeners) listener()
  }
}

const stores = new Map<string, BoardStore>()

/** This window's copy of a board. It is kept when another page is shown: what isn't saved is lost only with the window. */
export function boardStoreOf(board: string, user: string): BoardStore {
  const key = `${board} ${user}`
  const store = stores.get(key) ?? new BoardStore(user)
  // A server has many users, and keeps nothing of theirs.
  if (typeof window !== 'undefined') stores.set(key, store)
  return store
}

/** Asks before the window is closed while a board of it has changes that are not saved. */
export function warnBeforeUnload(): () => void {
  const warn = (event: BeforeUnloadEvent) => {
    if ([...stores.values()].some(({ state }) => state.unsaved > 0)) event.preventDefault()
  }
  addEventListener('beforeunload', warn)
  return () => removeEventListener('beforeunload', warn)
}
