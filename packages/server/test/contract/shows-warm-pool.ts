import { expect, vi } from 'vitest'
import type { SpawnCall } from '../../src/common/platform.ts'
import { askJson, type Driver, newLock, until } from './driver.ts'
import type { Show } from './shows.ts'

/** Backends that were started before anyone asked for them. */
export const showsWarmPool = {
  warmPool: {
    title: 'gives a document to a backend that ran before and was in no list; with a tag, one starts cold',
    async run(driver) {
      const { withWarmPool: platform, tag } = driver.engine
      // Engines don't tell when a backend waits in the pool.
      await vi.waitFor(
        async () => {
          const listed = await platform.list?.()
          const before = Date.now()
          const tagged = await open(driver, { tag })
          const warm = await open(driver)
          expect(tagged.startedAt).toBeGreaterThan(before)
          expect(warm.startedAt).toBeLessThan(before)
          expect(listed?.map(({ name }) => name)).not.toContain(warm.name)
          expect(warm.statuses).toEqual(['Loading', 'Starting', 'Ready'])
          expect(warm.env).toMatchObject({
            SESSION_BACKEND_ID: warm.name,
            SESSION_BACKEND_KEY: warm.lock,
            CONFORMANCE_TEXT: 'of the document',
          })
        },
        { timeout: 80_000, interval: 100 },
      )
    },
    otherwise: {
      title: 'has no warm pools: a backend starts when it is spawned',
      async run(driver) {
        for (let round = 0; round < 3; round++) {
          const before = Date.now()
          expect((await open(driver)).startedAt).toBeGreaterThan(before)
        }
      },
    },
  },
} satisfies Record<string, Show>

/** Spawns a backend of mock-platform's fixtures/warm.mjs, asks it when it was started, and ends it. */
async function open({ engine }: Driver, request: Partial<SpawnCall> = {}) {
  const platform = engine.withWarmPool
  const lock = newLock()
  const env = { CONFORMANCE_TEXT: 'of the document' }
  const session = await platform.spawn({ lock, gracePeriodSeconds: 60, env, ...request })
  const { name } = session
  const states = await until(platform.statusStream(name), 'Ready')
  const told = await askJson(session, '')
  await platform.terminate(name)
  await until(platform.statusStream(name))
  return {
    name,
    lock,
    statuses: states.map(({ state }) => state),
    env: told,
    startedAt: Number(told.startedAt),
  }
}
