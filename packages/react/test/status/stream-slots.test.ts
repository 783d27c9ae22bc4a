// @vitest-environment jsdom
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followStatus } from '../../src/status/follow-status.ts'
import { platformStatus } from '../../src/status/platform-status.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

/** Web Locks, as far as slots need them: one for all tabs of a browser. */
function createLocks() {
  const held = new Set<string>()
  return {
    held,
    async request(name: string, _: object, work: (lock: object | null) => unknown) {
      if (held.has(name)) await work(null)
      else {
        held.add(name)
        await work({ name })
        held.delete(name)
      }
    },
  }
}

/** A page's own copy of the program. */
async function openTab() {
  vi.resetModules()
  const { takeStreamSlot } = await import('../../src/status/stream-slots.ts')
  return () => {
    const controller = new AbortController()
    return { taken: takeStreamSlot(controller.signal), release: () => controller.abort() }
  }
}

const setLocks = (locks: object | undefined) =>
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true })

beforeEach(() => void setLocks(undefined))
afterEach(() => void setLocks(undefined))

describe.each([
  ['one page, without Web Locks', 1],
  ['three tabs, by Web Locks', 3],
])('the slots of %s', (_, tabs) => {
  beforeEach(() => void (tabs > 1 && setLocks(createLocks())))

  async function takers() {
    const opened: Awaited<ReturnType<typeof openTab>>[] = []
    for (let tab = 0; tab < tabs; tab++) opened.push(await openTab())
    return (number: number) => {
      const take = opened[number % tabs]
      if (!take) throw new Error('There is no such tab.')
      return take()
    }
  }

  it('are three: the fourth stream gets none', async () => {
    const take = await takers()
    const slots = [0, 1, 2, 3].map(take)
    expect(await Promise.all(slots.map(({ taken }) => taken))).toEqual([true, true, true, false])
    for (const { release } of slots) release()
  })

  it('go to the next one that asks, as soon as a stream ends', async () => {
    const take = await takers()
    const slots = [0, 1, 2].map(take)
    await Promise.all(slots.map(({ taken }) => taken))
    slots[1]?.release()
    await setImmediate()
    const [next, late] = [take(3), take(4)]
    expect([await next.taken, await late.taken]).toEqual([true, false])
    for (const { release } of [...slots, next]) release()
  })

  it('are given back once, however often the signal is looked at', async () => {
    const take = await takers()
    for (let round = 0; round < 10; round++) {
      const slots = [0, 1, 2].map(take)
      expect(await Promise.all(slots.map(({ taken }) => taken))).toEqual([true, true, true])
      for (const { release } of slots) release()
      await setImmediate()
    }
  })
})

it('a tab that leaves while it asks for a slot keeps none', async () => {
  const locks = createLocks()
  setLocks(locks)
  const take = await openTab()
  const { taken, release } = take()
  release()
  await taken
  await setImmediate()
  expect(locks.held.size).toBe(0)
})

it('30 documents that start together all learn that they are Ready, three by stream at a time', async () => {
  const COUNT = 30
  const { options, clock, exchanges, streams, looks } = createWorld()
  const { signal } = new AbortController()
  const learned = new Set<number>()
  const follow = async (number: number) => {
    const request = { ...options, documentId: `d${number}`, signal, session: sessionOf(`d${number}`) }
    for await (const { state } of followStatus(platformStatus, request, () => {})) {
      if (state === 'Ready') break
    }
    learned.add(number)
  }
  const all = Promise.all(Array.from({ length: COUNT }, (_, number) => follow(number)))
  const isOpen = ({ isOpen }: { isOpen: boolean }) => isOpen
  let most = 0
  // Each is Ready after 5 s.
  for (let second = 0; second < 20 && learned.size < COUNT; second++) {
    await setImmediate()
    most = Math.max(most, streams().filter(isOpen).length)
    const status = second < 5 ? 'Loading' : 'Ready'
    for (const stream of streams().filter(isOpen)) stream.tell(status)
    for (const look of looks().filter(isOpen)) look.reply({ state: status, time: timeAt(0) })
    await setImmediate()
    clock.advance(1000)
  }
  await all
  expect([learned.size, most, exchanges.filter(isOpen).length]).toEqual([COUNT, 3, 0])
})
