import { expect, it } from 'vitest'
import { BoardStore } from '../board/board-store.ts'
import { type FromBackend, MAX_POINTS, MAX_STROKES, type Stroke, type ToBackend } from '../shared/messages.ts'

/** A page's connection, whose other end is the test. */
function createConnection() {
  const listeners = new Set<(message: string) => void>()
  const sent: ToBackend[] = []
  return {
    sent,
    /** The backend says something. */
    say(message: FromBackend) {
      for (const listener of listeners) listener(JSON.stringify(message))
    },
    send(message: unknown) {
      sent.push(JSON.parse(String(message)))
      return true
    },
    subscribe(listener: (message: string) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const welcome = (strokes: Stroke[]): FromBackend => ({ type: 'welcome', you: 'me', people: [], strokes })
const line: Stroke = { id: 'line', color: 0, points: [[1, 1]] }

function openBoard(strokes: Stroke[]) {
  const store = new BoardStore()
  const connection = createConnection()
  const detach = store.attach(connection)
  connection.say(welcome(strokes))
  return { store, connection, detach }
}

it('takes a line off the board that was taken off while there was no connection', () => {
  const { store, detach } = openBoard([line])
  detach()
  store.erase(['line'])
  expect(store.state.unsaved).toBe(1)

  const next = createConnection()
  store.attach(next)
  next.say(welcome([line]))
  expect(store.state.strokes).toEqual([])
  expect(next.sent).toEqual([{ type: 'erase', ids: ['line'] }])
  next.say({ type: 'saved', points: { line: 1 } })
  expect(store.state.unsaved).toBe(1)
  next.say({ type: 'saved', points: {} })
  expect(store.state.unsaved).toBe(0)
})

it('leaves a line on the board that somebody else draws again after it was taken off', () => {
  const { store, connection } = openBoard([line])
  store.erase(['line'])
  connection.say({ type: 'draw', from: 0, ...line })
  expect(store.state).toMatchObject({ strokes: [line], unsaved: 0 })
})

it('goes on in a new line where one is as long as a line may be', () => {
  const { store, connection } = openBoard([])
  let id = 'long'
  for (let x = 0; x <= MAX_POINTS; x++) id = store.draw(id, 0, [x % 1600, 1])
  expect(store.state.strokes.map(({ points }) => points.length)).toEqual([MAX_POINTS, 2])
  expect(connection.sent.at(-1)).toMatchObject({ id, from: 0, points: store.state.strokes[1]?.points })
})

it('takes no line that a full board would refuse', () => {
  const strokes = Array.from({ length: MAX_STROKES }, (_, index) => ({ ...line, id: `line ${index}` }))
  const { store } = openBoard(strokes)
  store.draw('one too many', 0, [1, 1])
  expect(store.state).toMatchObject({ strokes, unsaved: 0 })
})

it('shows nobody when its connection is over', () => {
  const { store, connection, detach } = openBoard([])
  connection.say({ type: 'people', people: [{ id: 'me', name: 'Ada', role: 'editor', color: 0 }] })
  detach()
  expect(store.state).toMatchObject({ me: undefined, people: [], cursors: {} })
})
