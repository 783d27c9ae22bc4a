import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Board, openBoard, stroke } from '../support/board.ts'
import { memoryStorage } from '../support/memory-storage.ts'
import { openPage, signedIn } from '../support/page.ts'

const WAIT = { timeout: 10_000, interval: 5 }

it('gives each page the document, and what the others do', async () => {
  const { port } = await openBoard({ open: () => ({ strokes: [stroke(1)] }) })
  const [ada, ben] = [await openPage(port), await openPage(port, signedIn('ben'))]
  await ben.find({ name: 'board', content: [stroke(1)] })
  ada.send(0, 'draw', stroke(2))
  await ben.find({ name: 'drawn', content: stroke(2) })
  expect(ada.contents('drawn')).toEqual([])
})

it('lists the people who are connected, and reports that one left', async () => {
  const { room, port } = await openBoard()
  const [ada, ben] = [await openPage(port), await openPage(port, signedIn('ben'))]
  await vi.waitFor(
    () =>
      expect([...room.people].map(({ user, data }) => [user, data.name])).toEqual([
        ['ada', 'ada'],
        ['ben', 'ben'],
      ]),
    WAIT,
  )
  ben.socket.close()
  await ada.find({ name: 'left', content: 'ben' })
  expect(room.people.size).toBe(1)
  expect(room.stats.connections).toBe(1)
})

it('refuses a visitor who is not signed in with 4401, and one without access with 4403', async () => {
  const { room, port } = await openBoard({ authorize: ({ user }) => user === 'ada' && { name: user } })
  expect(await (await openPage(port, {})).closed).toMatchObject({ code: 4401 })
  expect(await (await openPage(port, signedIn('eve'))).closed).toMatchObject({ code: 4403 })
  expect(room.stats.refused).toBe(2)
})

it.each([
  [
    'throws',
    () => {
      throw new Error('The database is gone.')
    },
  ],
  ['rejects', () => Promise.reject(new Error('The database is gone.'))],
])('lets nobody in whose `authorize` %s, and reports it', async (_how, authorize) => {
  const { port, problems } = await openBoard({ authorize })
  expect(await (await openPage(port)).closed).toMatchObject({ code: 4403 })
  expect(problems).toEqual(['authorizing: The database is gone.'])
})

it('keeps what a page sends until it is authorized, and then handles it', async () => {
  let answer = (_allowed: boolean) => {}
  const asked = new Promise<boolean>((resolve) => {
    answer = resolve
  })
  const { room, port } = await openBoard({ authorize: async () => (await asked) && { name: 'ada' } })
  const page = await openPage(port)
  page.send(0, 'draw', stroke(1))
  expect(room.state.strokes).toEqual([])
  answer(true)
  await vi.waitFor(() => expect(room.state.strokes).toEqual([stroke(1)]), WAIT)
})

it('accepts at most `maxConnections`, and refuses others with 1013', async () => {
  const { port } = await openBoard({ maxConnections: 1 })
  await openPage(port)
  expect(await (await openPage(port)).closed).toMatchObject({ code: 1013 })
})

it('closes a connection with the code and reason that the app chose', async () => {
  const { room, port } = await openBoard()
  const page = await openPage(port)
  await page.find({ name: 'board' })
  const [person] = room.people
  if (person) room.close(person, 4000, 'ä'.repeat(100))
  const { code, reason } = await page.closed
  expect([code, reason]).toEqual([4000, 'ä'.repeat(61)])
})

it('ends a page that no longer answers pings, and only that one', async () => {
  const { room, port } = await openBoard({ pingInterval: 50 })
  const ada = await openPage(port)
  const silent = new WebSocket(`ws://127.0.0.1:${port}`, { headers: signedIn('ben'), autoPong: false })
  await once(silent, 'open')
  await once(silent, 'close')
  expect(ada.socket.readyState).toBe(WebSocket.OPEN)
  expect(room.stats.cut).toBe(1)
})

it('keeps the room going when functions of the app throw', async () => {
  const { port, problems } = await openBoard({
    disconnected: () => {
      throw new Error('The app has a bug.')
    },
  })
  const [ada, ben] = [await openPage(port), await openPage(port)]
  await ben.hello('the-page-of-somebody')
  ben.socket.close()
  await vi.waitFor(() => expect(problems).toEqual(['calling `disconnected`: The app has a bug.']), WAIT)
  ada.send(0, 'draw', stroke(1))
  expect(ada.socket.readyState).toBe(WebSocket.OPEN)
})

it('saves what has changed, once for many changes, and at once when asked to', async () => {
  const memory = memoryStorage<Board>()
  const { room, port } = await openBoard({
    storage: memory.storage,
    autosave: { delay: 60_000, maxDelay: 60_000 },
  })
  const page = await openPage(port)
  for (let x = 0; x < 50; x++) page.send(0, 'draw', stroke(x))
  await vi.waitFor(() => expect(room.state.strokes).toHaveLength(50), WAIT)
  expect(room.stats.unsavedSince).toBeGreaterThan(0)
  await room.save()
  expect(memory.stored()?.value.strokes).toHaveLength(50)
  expect(room.stats).toMatchObject({ saves: 1, failedSaves: 0, unsavedSince: undefined })
})

it('continues from what was saved', async () => {
  const memory = memoryStorage<Board>({ strokes: [stroke(7)] })
  const { room } = await openBoard({ storage: memory.storage })
  expect(room.state.strokes).toEqual([stroke(7)])
})

it('saves what `opened` has changed before anybody can connect', async () => {
  const memory = memoryStorage<Board>()
  await openBoard({
    storage: memory.storage,
    autosave: { delay: 60_000, maxDelay: 60_000 },
    opened(room) {
      room.state.strokes.push(stroke(3))
      room.changed()
    },
  })
  expect(memory.stored()?.value).toEqual({ strokes: [stroke(3)] })
})

it('tries a failed save again, and reports each failure', async () => {
  const memory = memoryStorage<Board>()
  const { room, problems } = await openBoard({ storage: memory.storage })
  memory.fail(new Error('The disk is full.'))
  room.changed()
  await vi.waitFor(() => expect(room.stats.failedSaves).toBe(1), WAIT)
  expect(problems[0]).toMatch(/^saving \(the next try is in \d+ ms\): The disk is full\.$/)
  memory.fail(undefined)
  await vi.waitFor(() => expect(room.stats.saves).toBe(1), WAIT)
  expect(memory.stored()?.value).toEqual({ strokes: [] })
})

it('does not try more often if more changes arrive while saves fail', async () => {
  const memory = memoryStorage<Board>()
  const { room } = await openBoard({ storage: memory.storage, autosave: { delay: 0, maxDelay: 0 } })
  memory.fail(new Error('The disk is full.'))
  room.changed()
  await vi.waitFor(() => expect(room.stats.failedSaves).toBe(1), WAIT)
  for (let turn = 0; turn < 100; turn++) {
    room.changed()
    await new Promise((resolve) => setImmediate(resolve))
  }
  // The first wait is at least 250 ms.
  expect(room.stats.failedSaves).toBe(1)
})

it('exits at once with 1 when another backend owns the document, and closes its pages with 1012', async () => {
  const memory = memoryStorage<Board>()
  const { port, ends, problems } = await openBoard({ storage: memory.storage, fencingToken: 1 })
  const page = await openPage(port)
  await memory.storage.read(2)
  page.send(0, 'draw', stroke(1))
  expect(await page.closed).toMatchObject({ code: 1012 })
  expect(ends).toEqual([1])
  expect(problems.at(-1)).toBe(
    'saving: Fencing token 1 is outdated: a backend with token 2 owns this document now.',
  )
  expect(memory.stored()).toBeUndefined()
})

it('does not open a document that another backend owns', async () => {
  const memory = memoryStorage<Board>()
  await memory.storage.read(2)
  await expect(openBoard({ storage: memory.storage, fencingToken: 1 })).rejects.toMatchObject({
    code: 'outdated_fencing_token',
  })
})

it('saves before it closes its pages with 1012, and accepts no more connections', async () => {
  const memory = memoryStorage<Board>()
  const { room, close, port } = await openBoard({
    storage: memory.storage,
    autosave: { delay: 60_000, maxDelay: 60_000 },
  })
  const page = await openPage(port)
  page.send(0, 'draw', stroke(1))
  await vi.waitFor(() => expect(room.state.strokes).toHaveLength(1), WAIT)
  const release = memory.hold()
  const closing = close(AbortSignal.timeout(5_000))
  const late = new WebSocket(`ws://127.0.0.1:${port}`, { headers: signedIn('ben') })
  await expect(once(late, 'open')).rejects.toThrow('ECONNREFUSED')
  release()
  await closing
  expect(await page.closed).toMatchObject({ code: 1012 })
  expect(memory.stored()?.value.strokes).toEqual([stroke(1)])
})

it('tells its pages to come back within 1 ms for each of them when it closes', async () => {
  const { close, port } = await openBoard({})
  const pages = await Promise.all(Array.from({ length: 3 }, () => openPage(port)))
  await close(AbortSignal.timeout(5_000))
  for (const page of pages) expect(await page.closed).toEqual({ code: 1012, reason: '{"comeBackWithin":3}' })
})

it('abandons a save that hangs when it closes, says since when, and still closes its pages', async () => {
  const memory = memoryStorage<Board>()
  const { room, close, port } = await openBoard({ storage: memory.storage })
  const page = await openPage(port)
  memory.hold()
  room.changed()
  const deadline = new AbortController()
  const closing = close(deadline.signal)
  deadline.abort()
  await expect(closing).rejects.toThrow(/Changes since \d{4}-.* could not be saved/)
  expect(await page.closed).toMatchObject({ code: 1012 })
})
