import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LONG } from '../support/long.ts'
import { Client, startPlatform } from '../support/platform.ts'
import { tempFolder } from '../support/temp-folder.ts'

const RUNS = LONG ? 100 : 6
const PROGRAM = [process.execPath, join(import.meta.dirname, '../fixtures/warm.mjs')] as const

const step = fc.record({
  what: fc.constantFrom('spawn', 'spawn', 'break', 'fetch', 'terminate', 'exit'),
  lock: fc.constantFrom('a', 'b'),
  /** How a backend breaks the protocol once it has its document. */
  mode: fc.constantFrom('garbage', 'crash', 'hang up'),
})

it.runIf(process.platform === 'linux')(
  'backends of a warm pool never hold one lock at the same time, also if they break the protocol',
  async () => {
    const HOLDERS = tempFolder()
    const services = { editor: { command: PROGRAM, env: { HOLDERS }, warm: 2 } }
    const client = new Client(await startPlatform({ services }))
    let run = 0

    async function act(what: string, lock: string, mode: string): Promise<void> {
      if (what === 'spawn') await client.spawn({ lock })
      else if (what === 'break') await client.spawn({ lock, env: { MODE: mode } })
      else {
        const holder = await client.fetchLock(lock)
        if (!holder.ok || what === 'fetch') return
        const { name, url } = await holder.json()
        if (what === 'terminate') await client.call(`/backend/${name}/terminate`, { method: 'POST' })
        else
          await fetch(`${url}exit`)
            .then((answer) => answer.text())
            .catch(() => {})
      }
    }

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8, size: 'max' }), async (steps) => {
        run++
        await Promise.all(steps.map(({ what, lock, mode }) => act(what, `${lock}${run}`, mode)))
        for (const lock of [`a${run}`, `b${run}`]) {
          const session = await client.spawn({ lock })
          await client.until(session, 'Ready').catch(() => {})
          await client.terminate(session)
          await client.until(session)
          // Every end frees the lock.
          const next = await client.spawn({ lock })
          expect(next.spawned).toBe(true)
          await client.terminate(next)
          await client.until(next)
        }
        expect(existsSync(join(HOLDERS, 'violations'))).toBe(false)
      }),
      { numRuns: RUNS },
    )
  },
  60_000 * RUNS,
)
