import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSessionStore } from '../../src/session/store.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

/** PROTOCOL.md: "Reaching the backend". In ms. */
const WINDOW = 60_000
const LIMIT = 3
/** How exactly times are measured. In ms. */
const STEP = 100

const end = fc.record({
  /** `stopping` closes its connections some time before it has ended. */
  how: fc.constantFrom('handed over', 'stopping', 'crashed'),
  /** What the backend gives its pages. */
  within: fc.constantFrom(0, 8, 1000),
  /** For how long it was connected, in ms. */
  after: fc.nat(40_000),
})
type End = typeof end extends fc.Arbitrary<infer T> ? T : never

/** A page on a document, whose backends end as it is told. */
async function openPage(random: () => number) {
  const world = createWorld()
  const { clock, options, sockets } = world
  const store = createSessionStore<unknown>({ documentId: 'doc', clock, random })
  const close = store.subscribe(
    () => {},
    () => ({ ...options, random }),
  )
  let backends = 0

  async function connect() {
    await setImmediate()
    world
      .posts()
      .at(-1)
      ?.reply(sessionOf(`b${++backends}`, 'Ready'))
    await setImmediate()
    sockets.at(-1)?.open()
    await setImmediate()
  }

  /** Lets time pass until something is there. Returns how long it took, in ms. */
  async function until(isThere: () => boolean): Promise<number> {
    const begin = clock.now()
    while (!isThere() && clock.now() - begin < WINDOW) {
      clock.advance(STEP)
      await setImmediate()
    }
    return clock.now() - begin
  }

  /** Ends the backend. Returns when the page learned of it, and what it did then. */
  async function endBackend({ how, within, after }: End) {
    clock.advance(after)
    await setImmediate()
    const [looks, posts, streams] = [world.looks().length, world.posts().length, world.streams().length]
    const isAnnounced = how !== 'crashed'
    sockets
      .at(-1)
      ?.drop(isAnnounced ? 1012 : 1006, isAnnounced ? JSON.stringify({ comeBackWithin: within }) : '')
    await setImmediate()
    const waited = await until(() => world.looks().length > looks)
    const state = { 'handed over': 'Terminated', stopping: 'Ready', crashed: 'Failed' }[how]
    world
      .looks()
      .at(-1)
      ?.reply({ state, time: timeAt(0) })
    await setImmediate()
    if (how === 'stopping') {
      await until(() => world.streams().length > streams)
      world.streams().at(-1)?.tell('Ready', 'Terminated')
      await setImmediate()
    }
    const toldAt = clock.now()
    const isReplaced = () => world.posts().length > posts
    const more = await until(() => isReplaced() || store.getSnapshot().phase === 'failed')
    return { toldAt, isReplaced: isReplaced(), took: waited + more }
  }

  await connect()
  return { clock, store, connect, endBackend, close }
}

it('replaces each backend that was handed over, and no more than three in 60 s of those that crashed', async () => {
  const ends = fc.array(end, { minLength: 1, maxLength: 12, size: 'max' })
  await fc.assert(
    fc.asyncProperty(ends, fc.constantFrom(0, 0.5, 1), async (ends, chance) => {
      const page = await openPage(() => chance)
      const crashes: number[] = []
      for (const each of ends) {
        const { toldAt, isReplaced, took } = await page.endBackend(each)
        if (each.how === 'crashed') {
          const isAllowed = crashes.filter((time) => toldAt - time < WINDOW).length < LIMIT
          expect(isReplaced).toBe(isAllowed)
          if (!isAllowed) {
            expect(page.store.getSnapshot()).toMatchObject({ phase: 'failed', error: { code: 'crash_loop' } })
            break
          }
          crashes.push(toldAt)
        } else {
          expect(isReplaced).toBe(true)
          expect(took).toBeLessThanOrEqual(2 * (each.within + STEP))
        }
        await page.connect()
        expect(page.store.getSnapshot().phase).toBe('connected')
      }
      page.close()
      page.clock.advance(1000)
    }),
    { numRuns: 40 },
  )
})
