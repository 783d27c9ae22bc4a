import type { Server } from 'node:http'
import { parseBackendAnswer } from '@session-backend/core/internal'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ServeContext } from '../../src/options/options.ts'
import { Client, startPlatform } from '../support/platform.ts'
import { turns } from './world.ts'

/** What was seen of one lock. */
class Seen {
  readonly violations: string[] = []
  readonly spawned: string[] = []
  #running: ServeContext | undefined
  #token = 0

  begin(server: Server, context: ServeContext): void {
    const token = Number(context.env.SESSION_BACKEND_FENCING_TOKEN)
    if (this.#running) this.violations.push('Two run at once.')
    if (token <= this.#token) this.violations.push('The token does not rise.')
    this.#running = context
    this.#token = token
    server.once('close', () => {
      this.#running = undefined
    })
  }

  exit(code: number): void {
    this.#running?.exit(code)
  }
}

const step = fc.record({
  what: fc.constantFrom('spawn', 'spawn', 'drop', 'fetch', 'terminate', 'exit', 'crash'),
  lock: fc.constantFrom('a', 'b'),
  pause: fc.nat(6),
})

it('requests that race one another, and answers that nobody waits for, leave one backend for each lock', async () => {
  const all = new Map<string, Seen>()
  const seenOf = (lock: string) => {
    const seen = all.get(lock) ?? new Seen()
    all.set(lock, seen)
    return seen
  }
  const serve = (server: Server, context: ServeContext) =>
    seenOf(context.env.SESSION_BACKEND_KEY ?? '').begin(server, context)
  const client = new Client(await startPlatform({ services: { editor: { serve } } }))
  let run = 0

  async function act({ what, lock, pause }: { what: string; lock: string; pause: number }): Promise<void> {
    const seen = seenOf(lock)
    if (what === 'spawn') {
      const { name, spawned } = await client.spawn({ lock })
      if (spawned) seen.spawned.push(name)
    } else if (what === 'drop') {
      const leaving = new AbortController()
      const path = '/user/acme/service/editor/spawn'
      const dropped = client.call(path, { method: 'POST', body: { lock }, signal: leaving.signal })
      await turns(pause)
      leaving.abort()
      await dropped.catch(() => {})
    } else if (what === 'exit') seen.exit(0)
    else if (what === 'crash') seen.exit(1)
    else {
      const answer = await client.fetchLock(lock)
      if (answer.ok && what === 'terminate') await client.terminate(await answer.json())
    }
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 20, size: 'max' }), async (steps) => {
      const locks = [`a${run}`, `b${run}`]
      const under: Promise<void>[] = []
      for (const each of steps) {
        under.push(act({ ...each, lock: each.lock + run }))
        await turns(each.pause)
      }
      run++
      await Promise.all(under)
      for (const lock of locks) {
        const holder = await client.fetchLock(lock)
        if (holder.ok) {
          const session = parseBackendAnswer(await holder.json())
          await client.terminate(session)
          await client.until(session)
        }
        expect((await client.ready({ lock })).spawned).toBe(true)
        expect((await client.spawn({ lock })).spawned).toBe(false)
        const seen = seenOf(lock)
        expect(seen.violations).toEqual([])
        expect(new Set(seen.spawned).size).toBe(seen.spawned.length)
      }
    }),
    { numRuns: 100 },
  )
}, 120_000)
