import { expect, it } from 'vitest'
import { BoardStore } from '../board/board-store.ts'
import { MAX_POINTS, MAX_STROKES, type Stroke } from '../shared/protocol.ts'

/** A page's connection, whose other end is the test. */
function createConnection() {
  const listeners = new Set<(message: string) => void>()
  const sent: unknown[] = []
  return {
    sent,
    /** The backend says something. */
    say(name: string, content: unknown) {
      for (const listener of listeners) listener(JSON.stringify([0, name, content]))
    },
    send(message: unknown) {
      const [number, ...said] = JSON.parse(String(message))
      if (number === 0) sent.push(said)
      return true
    },
    subscribe(listener: (message: string) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const welcome = (strokes: Stroke[]) => ({ me: 'me', people: [], strokes })
const line: Stroke = { id: 'line', by: 'ada', color: 0, points: [[1, 1]] }

function openBoard(strokes: Stroke[]) {
  const store = new BoardStore('ada')
  const connection = createConnection()
  const detach = store.attach(connection)
  connection.say('welcome', welcome(strokes))
  return { store, connection, detach }
}

it('takes a line off the board that was taken off while there was no connection', () => {
  const { store, detach } = openBoard([line])
  detach()
  store.erase(['line'])
  expect(store.state.unsaved).toBe(1)

  const next = createConnection()
  store.attach(next)
  next.say('welcome', welcome([line]))
  expect(store.state.strokes).toEqual([])
  expect(next.sent).toEqual([['erase', ['line']]])
  next.say('saved', { line: 1 })
  expect(store.state.unsaved).toBe(1)
  next.say('saved', {})
  expect(store.state.unsaved).toBe(0)
})

it('leaves a line on the board that somebody else draws again after it was taken off', () => {
  const { store, connection } = openBoard([line])
  store.erase(['line'])
  connection.say('drawn', { from: 0, ...line })
  expect(store.state).toMatchObject({ strokes: [line], unsaved: 0 })
})

it('goes on in a new line where one is as long as a line may be', () => {
  const { store, connection } = openBoard([])
  let id = 'long'
  for (let x = 0; x <= MAX_POINTS; x++) id = store.draw(id, 0, [x % 1600, 1])
  expect(store.state.strokes.map(({ points }) => points.length)).toEqual([MAX_POINTS, 2])
  expect(connection.sent.at(-1)).toMatchObject([
    'draw',
    { id, from: 0, points: store.state.strokes[1]?.points },
  ])
})

it("takes back the user's own last line, not somebody else's", () => {
  const { store, connection } = openBoard([line, { ...line, id: 'other', by: 'ben' }])
  store.undo()
  expect(connection.sent).toEqual([['erase', ['line']]])
  expect(store.lastOwn()).toBeUndefined()
  store.undo()
  expect(store.state.strokes).toMatchObject([{ id: 'other' }])
})

it('takes no line that a full board would refuse', () => {
  const strokes = Array.from({ length: MAX_STROKES }, (_, index) => ({ ...line, id: `line ${index}` }))
  const { store } = openBoard(strokes)
  store.draw('one too many', 0, [1, 1])
  expect(store.state).toMatchObject({ strokes, unsaved: 0 })
})

it('shows nobody when its connection is over', () => {
  const { store, connection, detach } = openBoard([])
  connection.say('people', [{ id: 'me', name: 'Ada', role: 'editor', color: 0 }])
  detach()
  expect(store.state).toMatchObject({ me: undefined, people: [], cursors: {} })
})
