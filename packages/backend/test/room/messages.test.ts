import { expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Board, openBoard, stroke } from '../support/board.ts'
import { memoryStorage } from '../support/memory-storage.ts'
import { openPage, signedIn } from '../support/page.ts'

const WAIT = { timeout: 10_000, interval: 5 }
const ID = 'a-page-of-the-test'

it('applies each numbered message once, and says what is saved', async () => {
  const memory = memoryStorage<Board>()
  const { room, port } = await openBoard({ storage: memory.storage })
  const page = await openPage(port)
  expect(await page.hello(ID)).toMatchObject({ received: 0, saved: 0 })
  page.send(1, 'draw', stroke(1))
  page.send(2, 'draw', stroke(2))
  page.send(1, 'draw', stroke(1))
  await page.find({ type: 'saved', number: 2 })
  expect(room.state.strokes).toEqual([stroke(1), stroke(2)])
  expect(memory.stored()?.value.strokes).toEqual([stroke(1), stroke(2)])
})

it('reports what it has received while a save takes long', async () => {
  const memory = memoryStorage<Board>()
  const { port } = await openBoard({ storage: memory.storage })
  const release = memory.hold()
  const page = await openPage(port)
  await page.hello(ID)
  page.send(1, 'draw', stroke(1))
  await page.find({ type: 'received', number: 1 })
  expect(page.texts.join()).not.toContain('saved')
  release()
  await page.find({ type: 'saved', number: 1 })
})

it('knows after a crash which messages were saved, so that the others are sent again', async () => {
  const memory = memoryStorage<Board>()
  const first = await openBoard({ storage: memory.storage, fencingToken: 1 })
  const before = await openPage(first.port)
  const { since } = await before.hello(ID)
  before.send(1, 'draw', stroke(1))
  await before.find({ type: 'saved', number: 1 })
  memory.hold()
  before.send(2, 'draw', stroke(2))
  await before.find({ type: 'received', number: 2 })

  const second = await openBoard({ storage: memory.storage, fencingToken: 2 })
  const after = await openPage(second.port)
  expect(await after.hello(ID, since, 2)).toMatchObject({ since, received: 1, saved: 1 })
  after.send(2, 'draw', stroke(2))
  await vi.waitFor(() => expect(second.room.state.strokes).toEqual([stroke(1), stroke(2)]), WAIT)
})

it('lets a page in once it has received all messages that the page had kept, of each of its ids', async () => {
  const { room, port } = await openBoard()
  const page = await openPage(port)
  await page.hello(ID, 0, 2, 1)
  page.send(1, 'draw', stroke(1))
  page.send(2, 'draw', stroke(2))
  await page.hello(`${ID}-2`, 0, 1)
  expect(page.contents('board')).toEqual([])
  expect(room.people.size).toBe(0)
  page.send(1, 'draw', stroke(3))
  await page.find({ name: 'board', content: [stroke(1), stroke(2), stroke(3)] })
  expect(room.people.size).toBe(1)
  await page.find({ type: 'saved', page: ID, number: 2 })
  await page.find({ type: 'saved', page: `${ID}-2`, number: 1 })
})

it.each([
  ['says nothing', []],
  ['sends a message without a number first', ['[0,"cursor",1]']],
  ['does not send what it says it kept', [`["hello",1,"${ID}",0,5]`]],
])('lets a page in that %s', async (_what, frames) => {
  const { port } = await openBoard()
  const page = await openPage(port)
  for (const frame of frames) page.socket.send(frame)
  await page.find({ name: 'board' })
})

it('lets a page in only once, even if it says hello or sends kept messages later', async () => {
  const { room, port } = await openBoard()
  const page = await openPage(port)
  await page.find({ name: 'board' })
  await page.hello(ID, 0, 1)
  page.send(1, 'draw', stroke(1))
  await page.hello(`${ID}-2`)
  expect(page.contents('board')).toEqual([[]])
  expect(room.people.size).toBe(1)
})

it('reports what it has received before it refuses a message', async () => {
  const { port } = await openBoard()
  const page = await openPage(port)
  await page.hello(ID)
  page.send(1, 'draw', stroke(1))
  page.send(2, 'draw', { id: 1 })
  expect(await page.closed).toMatchObject({ code: 1007 })
  await page.find({ type: 'received', page: ID, number: 1 })
})

it('ends a connection with 4429 that speaks for too many pages', async () => {
  const { port } = await openBoard()
  const page = await openPage(port)
  for (let index = 0; index <= 100; index++) {
    page.say({ type: 'hello', page: `${ID}-${index}`, since: 0, last: 0, left: 1 })
  }
  expect(await page.closed).toMatchObject({ code: 4429 })
})

it('continues the numbers of a page that reconnects, and closes its older connection with 4409', async () => {
  const { room, port } = await openBoard()
  const old = await openPage(port)
  const { since } = await old.hello(ID)
  old.send(1, 'draw', stroke(1))
  await vi.waitFor(() => expect(room.state.strokes).toHaveLength(1), WAIT)
  const page = await openPage(port)
  expect(await page.hello(ID, since)).toMatchObject({ since, received: 1 })
  expect(await old.closed).toMatchObject({ code: 4409 })
})

it('treats the same id of another user as another page', async () => {
  const { port } = await openBoard()
  const ada = await openPage(port)
  await ada.hello(ID)
  ada.send(1, 'draw', stroke(1))
  await ada.find({ type: 'saved', number: 1 })
  const eve = await openPage(port, signedIn('eve'))
  expect(await eve.hello(ID)).toMatchObject({ received: 0, saved: 0 })
  ada.send(2, 'draw', stroke(2))
  await ada.find({ type: 'saved', number: 2 })
})

it.each([
  ['a gap in the numbers', 3],
  ['a number that is far off', Number.MAX_SAFE_INTEGER],
])('ends a connection with 4409 on %s', async (_what, number) => {
  const { room, port } = await openBoard()
  const page = await openPage(port)
  await page.hello(ID)
  page.send(1, 'draw', stroke(1))
  page.send(number, 'draw', stroke(2))
  expect(await page.closed).toMatchObject({ code: 4409 })
  expect(room.state.strokes).toEqual([stroke(1)])
})

it('ends a connection with 4409 that numbers a message before it said hello', async () => {
  const { port } = await openBoard()
  const page = await openPage(port)
  page.send(1, 'draw', stroke(1))
  expect(await page.closed).toMatchObject({ code: 4409 })
})

it('tells a page whose cursor was deleted that it is forgotten, and accepts it under a new id', async () => {
  const memory = memoryStorage<Board>()
  const { storage } = memory
  await storage.write({ value: { strokes: [] }, token: 0, cursors: { nextSince: 9, givenUp: 5, pages: [] } })
  const { port } = await openBoard({ storage })
  const page = await openPage(port)
  page.say({ type: 'hello', page: ID, since: 5, last: 1, left: 0 })
  await page.find({ type: 'forgotten' })
  expect(await page.hello(`${ID}-2`)).toMatchObject({ since: 9, received: 0 })
  const never = await openPage(port)
  // One that an earlier backend welcomed, and saved nothing of, can't be one of those that were given up.
  expect(await never.hello(`${ID}-3`, 6)).toMatchObject({ received: 0 })
})

it('stores the cursors in the same write as the value', async () => {
  const memory = memoryStorage<Board>()
  const { port } = await openBoard({ storage: memory.storage })
  const page = await openPage(port)
  await page.hello(ID)
  for (let number = 1; number <= 20; number++) page.send(number, 'draw', stroke(number))
  await page.find({ type: 'saved', number: 20 })
  const stored = memory.stored()
  expect(stored?.value.strokes).toHaveLength(20)
  expect(stored?.cursors.pages).toEqual([[`${ID} ada`, 1, 20, expect.any(Number)]])
})

it('does not count a message that the app fails on, and ends only its connection, with 4422', async () => {
  const { port, problems } = await openBoard()
  const [ada, ben] = [await openPage(port), await openPage(port, signedIn('ben'))]
  const { since } = await ada.hello(ID)
  ada.send(1, 'fail')
  expect(await ada.closed).toMatchObject({ code: 4422 })
  expect(problems).toContain('handling the message `fail`: The app has a bug.')
  expect(ben.socket.readyState).toBe(WebSocket.OPEN)
  expect(await (await openPage(port)).hello(ID, since)).toMatchObject({ received: 0 })
})

it('refuses a handler that is asynchronous, and says why', async () => {
  const { port, problems } = await openBoard()
  const page = await openPage(port)
  page.send(0, 'later')
  expect(await page.closed).toMatchObject({ code: 4422 })
  expect(problems[0]).toContain('`messages.later` must be synchronous')
})

it.each([
  ['a content that is not valid', '[0,"draw",{"id":1}]', 1007],
  ['a message that there is not', '[0,"erase"]', 1007],
  ["a name of every object's own", '[0,"constructor"]', 1007],
  ['what is not a frame', '{"draw":1}', 1007],
  ['what is not JSON', 'draw', 1007],
  ['bytes', Buffer.from('[0,"cursor",1]'), 1003],
  ['more than `maxPayload`', `[0,"draw","${'x'.repeat(2000)}"]`, 1009],
])("ends a connection on %s, and nobody else's", async (_what, frame, code) => {
  const { room, port } = await openBoard({ maxPayload: 1000 })
  const [eve, ada] = [await openPage(port, signedIn('eve')), await openPage(port)]
  eve.socket.send(frame)
  expect(await eve.closed).toMatchObject({ code })
  ada.send(0, 'draw', stroke(1))
  await vi.waitFor(() => expect(room.state.strokes).toEqual([stroke(1)]), WAIT)
})

it('ends a connection with 4429 that is too fast, but lets a page send again what it kept', async () => {
  const { room, port } = await openBoard({ rate: { perSecond: 1, burst: 10 } })
  const page = await openPage(port)
  await page.hello(ID, 0, 100)
  for (let number = 1; number <= 105; number++) page.send(number, 'draw', stroke(number))
  await vi.waitFor(() => expect(room.state.strokes).toHaveLength(105), WAIT)
  for (let x = 0; x < 20; x++) page.send(0, 'cursor', x)
  expect(await page.closed).toMatchObject({ code: 4429 })
})
