import { expect, it } from 'vitest'
import { BoardStore } from '../board/board-store.ts'
import type { BoardConnection } from '../board/connect.ts'
import { MAX_POINTS, MAX_STROKES, type Stroke } from '../shared/protocol.ts'

type Handlers = Parameters<BoardConnection['subscribe']>[0]

/** A page's session, whose other end is the test. */
function createSession() {
  const listeners = new Set<Handlers>()
  const sent: unknown[] = []
  let isFull = false
  const connection = {
    send(...message: unknown[]) {
      if (!isFull) sent.push(message)
      return !isFull
    },
    subscribe(handlers: Handlers) {
      listeners.add(handlers)
      return () => listeners.delete(handlers)
    },
  }
  return {
    sent,
    /** The backend says something. */
    says(deliver: (handlers: Handlers) => void) {
      for (const handlers of listeners) deliver(handlers)
    },
    /** Nothing more can be kept. */
    fill() {
      isFull = true
    },
    is: (phase: 'connected' | 'reconnecting', count: number) =>
      ({ phase, connection, unsaved: { count, since: undefined } }) as const,
  }
}

const line: Stroke = { id: 'line', by: 'ada', color: 0, points: [[1, 1]] }

function openBoard(strokes: Stroke[]) {
  const store = new BoardStore('ada')
  const session = createSession()
  const become = (phase: 'connected' | 'reconnecting', unsaved: number) =>
    store.follow(session.is(phase, unsaved))
  const showBoard = (strokes: Stroke[]) =>
    session.says(({ board }) => board?.({ me: 'me', people: [], strokes }))
  become('connected', 0)
  showBoard(strokes)
  return { store, session, become, showBoard }
}

it('shows what was done without a connection until the backend has done it, even if an older board comes first', () => {
  const { store, session, become, showBoard } = openBoard([line])
  become('reconnecting', 0)
  store.erase(['line'])
  store.draw('mine', 1, [2, 2])
  expect(store.state.strokes).toMatchObject([{ id: 'mine' }])
  become('connected', 2)
  showBoard([line])
  expect(store.state.strokes).toMatchObject([{ id: 'mine' }])
  const mine: Stroke = { id: 'mine', by: 'ada', color: 1, points: [[2, 2]] }
  session.says(({ erased }) => erased?.({ by: 'ada', ids: ['line'] }))
  session.says(({ drawn }) => drawn?.(mine))
  become('connected', 0)
  expect(store.state.strokes).toEqual([mine])
})

it('no longer shows a line that the backend has not taken, once all is saved', () => {
  const { store, become } = openBoard([])
  store.draw('mine', 1, [2, 2])
  become('connected', 1)
  expect(store.state.strokes).toHaveLength(1)
  become('connected', 0)
  expect(store.state.strokes).toEqual([])
})

it('draws nothing that could not be kept', () => {
  const { store, session } = openBoard([line])
  session.fill()
  store.draw('mine', 1, [2, 2])
  store.undo()
  expect(store.state.strokes).toEqual([line])
})

it('draws nothing while a session begins, which has no connection yet', () => {
  const { store, session } = openBoard([line])
  store.follow({ ...session.is('connected', 0), phase: 'requesting', connection: undefined })
  store.draw('mine', 1, [2, 2])
  store.undo()
  expect(store.state.strokes).toEqual([line])
  expect(session.sent).toEqual([])
})

it('goes on with a line that was saved while the pen rested', () => {
  const { store, session, become } = openBoard([])
  store.draw('mine', 0, [1, 1])
  session.says(({ drawn }) => drawn?.({ id: 'mine', by: 'ada', color: 0, points: [[1, 1]] }))
  become('connected', 0)
  store.draw('mine', 0, [2, 2])
  expect(store.state.strokes).toMatchObject([
    {
      points: [
        [1, 1],
        [2, 2],
      ],
    },
  ])
  expect(session.sent.at(-1)).toMatchObject(['draw', { id: 'mine', points: [[2, 2]] }])
})

it('leaves a line on the board that another window of the user goes on with after it was taken off', () => {
  const { store, session } = openBoard([line])
  store.undo()
  session.says(({ erased }) => erased?.({ by: 'ada', ids: ['line'] }))
  session.says(({ drawn }) => drawn?.(line))
  expect(store.state.strokes).toEqual([line])
})

it('goes on in a new line when one is as long as a line may be', () => {
  const { store, session } = openBoard([])
  let id = 'long'
  for (let x = 0; x <= MAX_POINTS; x++) id = store.draw(id, 0, [x % 1600, 1])
  expect(store.state.strokes.map(({ points }) => points.length)).toEqual([MAX_POINTS, 2])
  expect(session.sent.at(-1)).toEqual(['draw', { id, color: 0, points: store.state.strokes[1]?.points }])
})

it("takes back the user's own last line, not somebody else's", () => {
  const { store, session } = openBoard([line, { ...line, id: 'other', by: 'ben' }])
  store.undo()
  expect(session.sent).toEqual([['erase', ['line']]])
  expect(store.lastOwn()).toBeUndefined()
  store.undo()
  expect(store.state.strokes).toMatchObject([{ id: 'other' }])
})

it('takes no line that a full board would refuse', () => {
  const strokes = Array.from({ length: MAX_STROKES }, (_, index) => ({ ...line, id: `line ${index}` }))
  const { store, session } = openBoard(strokes)
  store.draw('one too many', 0, [1, 1])
  expect(store.state.strokes).toEqual(strokes)
  expect(session.sent).toEqual([])
})

it('shows nobody when its connection is lost', () => {
  const { store, session, become } = openBoard([])
  session.says(({ people }) => people?.([{ id: 'me', name: 'Ada', role: 'editor', color: 0 }]))
  expect(store.state.people).toHaveLength(1)
  become('reconnecting', 0)
  expect(store.state).toMatchObject({ people: [], cursors: {} })
})
