import { afterAll, beforeAll, expect, it } from 'vitest'
import { LONG } from '../support/long.ts'
import { buildProgram, Program, ready } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ROUNDS = LONG ? 100 : 3

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

it(
  'of two platforms that start at once on one data folder exactly one runs, and the other says which one does',
  async () => {
    const dataDir = tempFolder()
    for (let round = 1; round <= ROUNDS; round++) {
      const flags = ['--port', '0', '--account', 'acme', '--token', 'sekret', '--data-dir', dataDir]
      const service = [
        '--service',
        `editor=${process.execPath} -e 'require("http").createServer().listen($PORT)'`,
      ]
      const both = [1, 2].map(() => new Program(program.path, [...flags, ...service]))
      // The one that is refused ends by itself.
      const refused = await Promise.race(both.map((each) => each.exited.then(() => each)))
      const running = both.find((each) => each !== refused) ?? expect.fail()
      const report = `round ${round} of ${ROUNDS}: ${both.map(({ output, errors }) => output + errors)}`
      expect(await refused.exited, report).toBe(2)
      expect(refused.errors, report).toMatch(
        new RegExp(
          `^mock-platform: Another platform is already running on the data folder ${dataDir} \\(process ${running.process.pid}\\b`,
        ),
      )
      expect(refused.errors).toContain('Use that one, stop it, or give this one another folder.')
      await ready(await running.url(), { lock: 'doc' })
      running.process.kill('SIGTERM')
      expect(await running.exited, report).toBe(0)
    }
  },
  60_000 * ROUNDS,
)
