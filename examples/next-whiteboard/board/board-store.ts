import type { WebSocketConnection } from '@session-backend/react'
import {
  MAX_POINTS,
  MAX_STROKES,
  type Person,
  parseFromBackend,
  type Stroke,
  type ToBackend,
} from '../shared/messages.ts'

/** What the store needs of a connection. */
type Connection = Pick<WebSocketConnection, 'send' | 'subscribe'>

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
    const unsubscribe = connection.subscribe((message) => {
      if (typeof message === 'string') this.#receive(message)
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
    this.#extend(to.id, color, to.from, points)
    this.#send({ type: 'draw', ...to, color, points })
    return to.id
  }

  erase(ids: string[]): void {
    for (const id of ids) this.#erased.add(id)
    this.#remove(ids)
    this.#send({ type: 'erase', ids })
  }

  pointTo({ x, y }: Cursor): void {
    this.#send({ type: 'cursor', x, y })
  }

  #send(message: ToBackend): void {
    this.#connection?.send(JSON.stringify(message))
  }

  #receive(text: string): void {
    const message = parseFromBackend(text)
    if (message?.type === 'welcome') this.#welcome(message.you, message.people, message.strokes)
    else if (message?.type === 'people') this.#set({ people: message.people, cursors: {} })
    else if (message?.type === 'cursor') this.#moveCursor(message.person, message)
    else if (message?.type === 'draw') {
      this.#extend(message.id, message.color, message.from, message.points)
    } else if (message?.type === 'erase') this.#remove(message.ids)
    else if (message?.type === 'saved') this.#forgetSaved(message.points)
  }

  /** A backend, perhaps a new one: what it has is the board, and what it may not have is sent again. */
  #welcome(me: string, people: Person[], strokes: Stroke[]): void {
    const mine = this.#state.strokes.filter(({ id }) => this.#unsaved.has(id))
    const erased = strokes.filter(({ id }) => this.#erased.has(id)).map(({ id }) => id)
    this.#set({ loaded: true, me, people, strokes, cursors: {} })
    if (erased.length > 0) this.erase(erased)
    for (const { id, color, points } of mine) {
      this.#extend(id, color, 0, points)
      this.#send({ type: 'draw', id, color, from: 0, points })
    }
  }

  #moveCursor(person: string, { x, y }: Cursor): void {
    this.#set({ cursors: { ...this.#state.cursors, [person]: { x, y } } })
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

  #extend(id: string, color: number, from: number, points: Stroke['points']): void {
    const known = this.#find(id)
    const before = known?.points ?? []
    const fresh = points.slice(Math.max(before.length - from, 0))
    if (from > before.length || fresh.length === 0) return
    const stroke = { id, color, points: [...before, ...fresh] }
    const strokes = known
      ? this.#state.strokes.map((each) => (each === known ? stroke : each))
      : [...this.#state.strokes, stroke]
    // Whoever draws it after it was taken off has put it back.
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
