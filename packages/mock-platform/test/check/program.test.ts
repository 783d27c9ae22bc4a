import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itLong } from '../support/long.ts'
import { processesWith } from '../support/processes.ts'
import { buildProgram, Program } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const ROOM = join(FIXTURES, 'room.mjs')

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

/** Runs the program on the room with a flaw, in its own temporary folder. */
function check(args: string[], flaw = '') {
  const [folder, temporary] = [join(tempFolder(), 'documents'), tempFolder()]
  mkdirSync(folder)
  const env = { FLAW: flaw, FOLDER: folder, TMPDIR: temporary }
  return {
    folder,
    temporary,
    run: new Program(program.path, ['check', ...args, '--', process.execPath, ROOM], { env }),
  }
}

/** A busy machine takes its time to start several processes. */
const PATIENT = { timeout: 120_000 }

describe('mock-platform check', { timeout: 180_000 }, () => {
  it('prints what was found, and exits with 0 if everything holds', async () => {
    const { run } = check(['--only', 'ready', '--only', 'stop'])
    expect(await run.exited).toBe(0)
    expect(run.output).toMatch(/WebSocket at \/: the handshake was answered with 101/)
    expect(run.output).toMatch(/✓ ready +Becomes Ready\n +It was Ready after \d/)
    expect(run.output).toMatch(/2 passed, 0 failed, 0 not tried\n$/)
  })

  itLong(
    'exits with 1 if a check fails, and says what was tried, what happened, what to do, and where to read more',
    async () => {
      const { run } = check(['--only', 'address'], 'listens only on loopback')
      expect(await run.exited).toBe(1)
      for (const title of ['✗ address', 'Tried: ', 'Happened: ', 'To do: ', 'More: https://']) {
        expect(run.output).toContain(title)
      }
      expect(run.output).toContain('/docs/check.md#address')
    },
  )

  itLong('prints one JSON document with --json, and its progress to stderr', async () => {
    const { run } = check([
      '--json',
      '--only',
      'ready',
      '--only',
      'saves',
      '--edits',
      join(FIXTURES, 'edits.mjs'),
    ])
    expect(await run.exited).toBe(1)
    const { checks } = JSON.parse(run.output)
    expect(checks).toMatchObject([
      { name: 'ready', result: 'pass', tried: expect.any(String), happened: expect.any(String) },
      // The module knows only the edits of its connection.
      {
        name: 'saves',
        result: 'fail',
        todo: expect.any(String),
        docs: expect.stringMatching(/check\.md#saves$/),
      },
    ])
    expect(run.errors).toContain('✓ ready')
  })

  itLong('says why something was not tried, and does not count it as passed', async () => {
    const { run } = check(
      ['--skip', 'warm', '--skip', 'restarts', '--skip', 'memory', '--skip', 'stop'],
      'needs a user',
    )
    expect(await run.exited).toBe(0)
    expect(run.output).toMatch(
      /– large-message +.*: not tried\n +The WebSocket at \/ was closed with 4401 \(Sign in\.\)/,
    )
    expect(run.output).toMatch(/– kill +.*: not tried\n +It is not known how to edit a document/)
    expect(run.output).toMatch(/2 passed, 0 failed, 8 not tried\n$/)
  })

  itLong('fails if a check cannot be tried that was named', async () => {
    const { run } = check(['--only', 'kill'])
    expect(await run.exited).toBe(1)
    expect(run.output).toContain('✗ kill')
  })

  it('exits with 2 if the command line is wrong', async () => {
    const run = new Program(program.path, ['check', '--only', 'nothing', '--', 'node'])
    expect(await run.exited).toBe(2)
    expect(run.errors).toContain('`--only` must be one of ready, address, stop')
  })

  it('leaves no process and no file behind after Ctrl-C', async () => {
    const { run, folder, temporary } = check(['--only', 'ready', '--only', 'restarts'])
    await expect.poll(() => run.output, PATIENT).toContain('✓ ready')
    await expect.poll(() => processesWith(`FOLDER=${folder}`).length, PATIENT).toBeGreaterThan(1)
    run.process.kill('SIGINT')
    expect({ code: await run.exited, errors: run.errors, output: run.output }).toMatchObject({ code: 130 })
    expect(processesWith(`FOLDER=${folder}`)).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  })
})
