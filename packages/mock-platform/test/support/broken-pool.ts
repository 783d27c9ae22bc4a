import { randomUUID } from 'node:crypto'
import type { Session } from '@session-backend/core'
import { expect, it, vi } from 'vitest'
import type { ProgramOptions } from '../../src/options/options.ts'
import { Client, startPlatform } from './platform.ts'
import { processesWith } from './processes.ts'

/** How a backend of fixtures/pool.mjs breaks the protocol before its document comes, and what the log says. */
const BEFORE = [
  ['silent', 'did not say `Warmed` in time'],
  ['garbage', 'sent "garbage"'],
  ['endless', 'line of more than'],
  ['too soon', 'before it had a document'],
  ['crash', 'exited with code 3'],
  ['hang up', 'closed the socket of its warm pool'],
  ['crash when warm', 'exited with code 4'],
] as const

/** How it breaks the protocol with its document, how it ends, and what its log says. */
const AFTER = [
  ['silent', 'TimedOutBeforeReady', ''],
  ['garbage', 'ErrorStarting', 'sent "{'],
  ['crash', 'Failed', ''],
  ['hang up', 'ErrorStarting', 'closed the socket'],
] as const

const COLD = /started cold/
const WAIT = { timeout: 50_000, interval: 200 }

/**
 * Shows that a warm pool survives backends that break its protocol.
 *
 * @param runs What waits in the pool: with fixtures/pool.mjs, in a process, a function or a container.
 */
export function survivesBrokenPool(runs: ProgramOptions): void {
  /** Starts a platform with so many warm backends. Only processes have pids. */
  async function start(warm: number, mode = 'good') {
    const MARK = randomUUID()
    const env = { WARM_MODE: mode, MARK }
    const platform = await startPlatform({ services: { editor: { ...runs, env, warm } } })
    const pids = 'serve' in runs ? undefined : () => processesWith(`MARK=${MARK}`)
    return { platform, pids, client: new Client(platform) }
  }

  it.each(BEFORE)(
    'starts others at a bounded rate if a backend is %s before its document comes',
    async (mode, why) => {
      const { client, platform, pids } = await start(1, mode)
      if (mode === 'silent') {
        await vi.waitFor(() => expect(pids?.()).not.toEqual([]), WAIT)
        platform.clock.advance(30_000)
      }
      const seen = new Set<number>()
      const begin = performance.now()
      await vi.waitFor(async () => {
        for (const pid of pids?.() ?? []) seen.add(pid)
        const session = await client.ready({ lock: 'doc' })
        await end(client, session)
        expect((await client.log(session)).join()).toContain(why)
      }, WAIT)
      // At most one a second, however long it takes on a busy machine.
      expect(seen.size).toBeLessThan(4 + (performance.now() - begin) / 1000)
    },
  )

  it.each(AFTER)(
    'ends a backend that is %s with its document as %s, frees the lock and takes the next one',
    async (MODE, status, why) => {
      const { client, platform } = await start(2)
      await isWarm(client, 2)
      const session = await client.spawn({ lock: 'doc', env: { MODE } })
      if (MODE === 'silent') {
        await client.until(session, 'Starting')
        platform.clock.advance(30_000)
      }
      expect((await client.until(session)).at(-1)).toBe(status)
      expect((await client.log(session)).join()).toContain(why)
      const next = await client.ready({ lock: 'doc' })
      expect(next.spawned).toBe(true)
      await end(client, next)
      expect((await client.log(next)).join()).not.toMatch(COLD)
    },
  )

  it('handles a repeated message of a backend once', async () => {
    const { client } = await start(1, 'twice')
    await isWarm(client, 1)
    const session = await client.ready({ lock: 'doc', env: { MODE: 'twice' } })
    expect(await client.until(session, 'Ready')).toEqual(['Loading', 'Starting', 'Ready'])
    await end(client, session)
    expect((await client.log(session)).join()).not.toMatch(COLD)
  })
}

async function end(client: Client, session: Session): Promise<void> {
  await client.terminate(session)
  await client.until(session)
}

/** Waits until so many backends are in the pool. */
async function isWarm(client: Client, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const metrics = await (await client.call('/metrics')).text()
    expect(metrics).toMatch(new RegExp(`warm\\S* ${count}$`, 'm'))
  }, WAIT)
}
