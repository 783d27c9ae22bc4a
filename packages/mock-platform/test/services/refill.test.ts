import { backendAssignment } from '@session-backend/backend'
import { expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import type { Serve } from '../../src/index.ts'
import { Guardian } from '../../src/runtime/guardian.ts'
import { Services } from '../../src/services/services.ts'
import { WarmPool } from '../../src/services/warm-pool.ts'
import { tempFolder } from '../support/temp-folder.ts'

const SIZE = 3

/** A full pool, whose next backends start when the test says so. */
async function fillPool() {
  const starts: (() => void)[] = []
  const serve: Serve = async (_server, { env, signal }) => {
    await new Promise<void>((resolve) => starts.push(resolve))
    await backendAssignment({ env, signal })
  }
  const services = new Services({ editor: { serve } }, { guardian: new Guardian() })
  const clock = new FakeClock()
  const folder = tempFolder()
  const pool = new WarmPool({ service: 'editor', size: SIZE, services, clock, startTimeout: 30_000, folder })
  onTestFinished(() => pool.close())
  pool.fill()
  await vi.waitFor(() => expect(starts).toHaveLength(SIZE))
  for (const start of starts.splice(0)) start()
  await vi.waitFor(() => expect(pool.waiting).toBe(SIZE))
  return { pool, clock, starts }
}

it('a warm pool is filled all at once, and filled again one backend at a time', async () => {
  const { pool, clock, starts } = await fillPool()
  while (pool.waiting > 0) pool.take()?.kill()
  expect(pool.state.starting).toBe(0)
  clock.advance(1_000)
  for (let warm = 0; warm < SIZE; warm++) {
    await vi.waitFor(() => expect(starts).toHaveLength(1))
    expect(pool.state).toMatchObject({ warm, starting: 1 })
    starts.pop()?.()
    await vi.waitFor(() => expect(pool.waiting).toBe(warm + 1))
  }
  expect(pool.state).toMatchObject({ warm: SIZE, starting: 0 })
})

it('a backend that is taken while its pool is refilled does not hold up the others', async () => {
  const { pool, clock, starts } = await fillPool()
  pool.take()?.kill()
  pool.take()?.kill()
  clock.advance(1_000)
  await vi.waitFor(() => expect(starts).toHaveLength(1))
  pool.take()?.kill()
  starts.pop()?.()
  await vi.waitFor(() => expect(starts).toHaveLength(1))
  expect(pool.state).toMatchObject({ warm: 1, starting: 1 })
})
