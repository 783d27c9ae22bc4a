import { setImmediate } from 'node:timers/promises'
import type { BackendStatus } from '@session-backend/core'
import { expect, it } from 'vitest'
import { createSessionStore } from '../../packages/react/src/session/store.ts'
import { createWorld, type FakeSocket, sessionOf, timeAt } from '../../packages/react/test/support/world.ts'

const PAGES = 2000
const STEP = 20
const WINDOW = 100
/** How many statuses the platform answers in a step, if it takes time: 2,500 a second. */
const ANSWERS = 50

/** A backend that is handed over closes its connections so long before it has ended, in ms. */
const ENDING = 700

/** What a lost backend looks like from its pages: the close code of their sockets, and what the platform says then. */
const losses: [
  string,
  number,
  BackendStatus | 'no answer',
  answers?: number,
  again?: 'while they ask' | 'while they connect' | 'while it starts' | 'while it ends',
][] = [
  ['closes all connections, and runs on', 1012, 'Ready'],
  ['is handed over, and ends a moment later', 1012, 'Ready', PAGES, 'while it ends'],
  ['has crashed, and the next one while it starts', 1006, 'Failed', PAGES, 'while it starts'],
  ['runs on, but the route fails them all at once', 1006, 'Ready', ANSWERS, 'while they ask'],
  ['runs on, but all sockets were cut twice', 1006, 'Ready', ANSWERS, 'while they connect'],
  ['cannot be reached, and neither can the platform', 1006, 'no answer'],
]

it.each(losses)(
  '2,000 pages whose backend %s come back in 10 s, at most 200 in 100 ms',
  async (_, code, status, answers = PAGES, again) => {
    const world = createWorld()
    const { clock, options, exchanges, sockets } = world
    const answered = new Set<unknown>()
    const posts: number[] = []
    let state = status
    let isLost = false
    /** What is under way when the backend is lost again. */
    const connecting: FakeSocket[] = []
    const starting: typeof exchanges = []
    const ending: typeof exchanges = []
    const asking: typeof exchanges = []
    const start = clock.now()
    const stores = Array.from({ length: PAGES }, () => {
      const store = createSessionStore<unknown>({
        documentId: 'doc',
        clock: options.clock,
        random: Math.random,
      })
      return {
        store,
        close: store.subscribe(
          () => {},
          () => options,
        ),
      }
    })

    /** Requests that the platform has not answered yet. */
    const waiting: typeof exchanges = []

    /** The network and the servers take no time, except for a platform that answers so many requests in each step. */
    async function settle() {
      for (let round = 0; round < 4; round++) {
        await setImmediate()
        for (const request of exchanges.splice(0)) {
          if (!request.isOpen || answered.has(request)) continue
          answered.add(request)
          if (request.method === 'POST') {
            if (isLost) posts.push(clock.now() - start)
            if (isLost && again === 'while they ask') asking.push(request)
            else
              request.reply(
                sessionOf('b', isLost && again === 'while it starts' ? 'Loading' : 'Ready', false),
              )
          } else if (request.url.endsWith('/stream'))
            (again === 'while it ends' ? ending : starting).push(request)
          else if (status === 'no answer') request.fail()
          else waiting.push(request)
        }
        const most = round === 0 || answers > ANSWERS ? answers : 0
        for (const request of waiting.splice(0, most)) request.reply({ state, time: timeAt(0) })
        if (asking.length + starting.length + connecting.length === PAGES) {
          again = undefined
          for (const request of asking.splice(0)) request.reply('<html>', 502)
          for (const stream of starting.splice(0)) stream.tell('Failed')
          for (const socket of connecting.splice(0)) socket.drop(code)
        }
        for (const socket of sockets.splice(0)) {
          if (isLost && again === 'while they connect') connecting.push(socket)
          else {
            open.push(socket)
            socket.open()
          }
        }
      }
    }

    const open: FakeSocket[] = []
    await settle()
    const connected = () => stores.filter(({ store }) => store.getSnapshot().phase === 'connected').length
    expect(connected()).toBe(PAGES)
    for (let second = 0; second < 11; second++) {
      clock.advance(1000)
      await setImmediate()
    }
    const lostAt = clock.now() - start
    isLost = true
    for (const socket of open.splice(0)) socket.drop(code)
    await settle()
    while (clock.now() - start < lostAt + 10_000 && connected() < PAGES) {
      clock.advance(STEP)
      if (again === 'while it ends' && clock.now() - start >= lostAt + ENDING) {
        again = undefined
        state = 'Terminated'
        for (const stream of ending.splice(0)) stream.tell('Terminated')
      }
      await settle()
    }
    expect(connected()).toBe(PAGES)
    // In order: the first of those that are less than `WINDOW` before each.
    let [most, first] = [0, 0]
    for (const [index, time] of posts.entries()) {
      while ((posts[first] ?? time) <= time - WINDOW) first++
      most = Math.max(most, index - first + 1)
    }
    console.log(
      `${posts.length} POSTs, at most ${most} in ${WINDOW} ms, the last after ${Math.max(...posts) - lostAt} ms`,
    )
    expect(most).toBeLessThanOrEqual(200)
    for (const { close } of stores) close()
    clock.advance(1000)
  },
  120_000,
)
