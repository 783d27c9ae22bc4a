import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it, vi } from 'vitest'
import { fencedFile } from '../../src/storage.ts'
import { temporaryFolder } from '../support/program.ts'

/** Each step of the file system waits for its turn, in an order that the test chooses. */
const turn = vi.hoisted(() => ({ take: (): Promise<unknown> => Promise.resolve() }))

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:fs/promises')>()
  const inTurn =
    <Args extends unknown[], Result>(step: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      await turn.take()
      return step(...args)
    }
  return {
    ...actual,
    open: inTurn(actual.open),
    rename: inTurn(actual.rename),
    readdir: inTurn(actual.readdir),
    readFile: inTurn(actual.readFile),
    rm: inTurn(actual.rm),
  }
})

const schema = v.array(v.string())

/** By hand: thousands. */
const RUNS = Number(process.env.MODEL_RUNS ?? 60)

it('keeps everything that was reported as saved, in any interleaving of several owners', async () => {
  const folder = await temporaryFolder()
  const plan = fc.record({ delay: fc.nat(12), count: fc.integer({ min: 1, max: 4 }) })
  let run = 0
  let refusedWrites = 0

  /** Reads, then adds one thing after the other, until it is told that another one owns the document. */
  async function own(path: string, token: number, count: number, acknowledged: string[]) {
    const storage = fencedFile(path, { schema })
    let hasRead = false
    try {
      let value = (await storage.read(token))?.value ?? []
      hasRead = true
      for (let index = 0; index < count; index++) {
        value = [...value, `${token}.${index}`]
        await storage.write({ value, token, cursors: { last: index } })
        acknowledged.push(`${token}.${index}`)
      }
    } catch (error) {
      expect(error).toMatchObject({ code: 'outdated_fencing_token' })
      if (hasRead) refusedWrites += 1
    }
  }

  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(plan, { minLength: 2, maxLength: 4 }),
      async (scheduler, plans) => {
        run += 1
        const path = join(folder, String(run))
        const acknowledged: string[] = []
        let steps = 0
        let running = 0
        turn.take = () => {
          steps += 1
          return scheduler.schedule(Promise.resolve())
        }
        const owners = plans.map(async ({ count }, index) => {
          // Each comes some steps later than the one before, which mostly is not done then.
          const start = plans.slice(1, index + 1).reduce((sum, { delay }) => sum + delay, 0)
          while (steps < start && running > 0) await new Promise((resolve) => setImmediate(resolve))
          running += 1
          await own(path, index + 1, count, acknowledged)
          running -= 1
        })
        await scheduler.waitFor(Promise.all(owners)).finally(() => {
          turn.take = () => Promise.resolve()
        })
        const last = await fencedFile(path, { schema }).read(plans.length + 1)
        for (const item of acknowledged) expect(last?.value ?? []).toContain(item)
        await rm(path, { recursive: true })
      },
    ),
    { numRuns: RUNS },
  )
  // Otherwise the owners never met, and nothing was shown.
  expect(refusedWrites).toBeGreaterThan(RUNS / 10)
}, 120_000)
