import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import packageJson from '../../../../package.json' with { type: 'json' }
import { LONG } from '../support/long.ts'
import { buildProgram, ready } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'

const ROUNDS = LONG ? 20 : 1
const CONCURRENTLY = join(import.meta.dirname, '../../node_modules/.bin/concurrently')
const SAVER = join(import.meta.dirname, '../fixtures/saver.mjs')

/** How people start the platform. */
const COMMANDS = {
  'its own name': 'mock-platform',
  npm: 'npm start --silent',
  npx: 'npx mock-platform',
  'pnpm exec': `npx --yes ${packageJson.packageManager} exec mock-platform`,
  concurrently: `'${CONCURRENTLY}' --raw mock-platform`,
}

/** A backend's own signals. `concurrently` sends SIGINT and SIGHUP to every descendant, backends included. */
const signalsOf = (command: string) =>
  command.includes('concurrently') && { SIGNALS: 'SIGTERM,SIGINT,SIGHUP' }

/** What people do then, to a terminal. */
const ENDS = {
  'Ctrl-C': (terminal: Terminal) => terminal.type('\x03'),
  'two Ctrl-C, one right after the other': (terminal: Terminal) => terminal.type('\x03\x03'),
  'the terminal is closed': (terminal: Terminal) => terminal.close(),
}

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

/** A project with the program, as an app has it. */
function createProject(): string {
  const folder = tempFolder()
  const bin = join(folder, 'node_modules/.bin/mock-platform')
  const flags = ['--port', '0', '--account', 'acme', '--token', 'sekret', '--service', `editor=node ${SAVER}`]
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  const quoted = flags.map((flag) => `'${flag}'`).join(' ')
  writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${program.path}' ${quoted}\n`)
  chmodSync(bin, 0o755)
  const { packageManager } = packageJson
  const scripts = { start: 'mock-platform' }
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'app', private: true, packageManager, scripts }),
  )
  return folder
}

/** Starts the platform in a terminal and ends it. Resolves if its backend has saved. */
async function expectSaved(command: string, end: (terminal: Terminal) => unknown, what: string) {
  const folder = createProject()
  const terminal = openTerminal(command, folder)
  const saved = join(folder, 'saved')
  await ready(await terminal.url(), { env: { SAVED: saved, ...signalsOf(command) } })
  await end(terminal)
  await vi
    .waitUntil(() => existsSync(saved), { timeout: 20_000 })
    .catch(() => expect.fail(`The backend did not save: ${what}. It printed: ${terminal.output}`))
}

describe.runIf(process.platform === 'linux').each(Object.entries(COMMANDS))(
  'a platform started by %s',
  (_, command) => {
    it(
      'lets a backend save for 700 ms, however its terminal ends it',
      async () => {
        for (let round = 1; round <= ROUNDS; round++) {
          const ends = Object.entries(ENDS)
          await Promise.all(
            ends.map(([what, end]) => expectSaved(command, end, `${what}, round ${round} of ${ROUNDS}`)),
          )
        }
      },
      60_000 * ROUNDS,
    )
  },
)
