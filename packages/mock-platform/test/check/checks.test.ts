import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { messageEditing } from '../../src/check/lab/message-page.ts'
import { CHECKS, FULL_SCALE } from '../../src/check/registry.ts'
import { type CheckResult, runChecks } from '../../src/check/run-checks.ts'
import { LONG } from '../support/long.ts'
import { processesWith } from '../support/processes.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ROOM = join(import.meta.dirname, 'fixtures/room.mjs')

/** Enough to tell a program that holds from one that doesn't. */
const SMALL = {
  ...FULL_SCALE,
  restarts: 3,
  kills: 3,
  edits: 500,
  largeMessage: 2 * 1024 ** 2,
  unread: 64 * 1024 ** 2,
  silence: 20_000,
  connections: 20,
}

/** Runs checks on the room with a flaw, and returns what they found. */
async function check(names: readonly string[], flaw = ''): Promise<CheckResult[]> {
  const folder = join(tempFolder(), 'documents')
  mkdirSync(folder)
  const results = await runChecks({
    subject: {
      command: ['env', `FLAW=${flaw}`, `FOLDER=${folder}`, process.execPath, ROOM],
      path: '/',
      env: {},
      staticToken: false,
      startTimeoutSeconds: flaw === 'listens on another port' ? 10 : 30,
      editing: messageEditing({ name: 'edit', content: 'x'.repeat(4096) }),
    },
    checks: CHECKS.filter(({ name }) => names.includes(name)),
    scale: SMALL,
    signal: new AbortController().signal,
  })
  expect(processesWith(`FOLDER=${folder}`)).toEqual([])
  return results
}

/** Which flaw each check finds, and what it says then. */
const FLAWS: [name: string, flaw: string, happened: RegExp][] = [
  ['address', 'listens only on loopback', /listens on 127\.0\.0\.1\. .* but not at/],
  ['stop', 'does not handle SIGTERM', /doesn't handle SIGTERM/],
]
/** Those that take longer. */
const LONG_FLAWS: typeof FLAWS = [
  ['ready', 'listens on another port', /TimedOutBeforeReady.* It listened on port \d+ instead of PORT/],
  ['stop', 'exits with 3', /exited with code 3/],
  ['stop', 'ignores SIGTERM', /still ran 10 s after SIGTERM/],
  ['saves', 'forgets', /had lost it after the restart/],
  ['kill', 'saves in place', /did not start again/],
  ['kill', 'confirms first', /lost \d+ of \d+ edits/],
  ['fencing', 'has no fencing', /outdated token confirmed an edit/],
  ['holders', 'has no fencing', /outdated token confirmed an edit/],
  ['restarts', 'wears out', /Start 3 of 3: .* started too often/],
  ['restarts', 'forgets', /At start 2, 1 of 1 edit were lost/],
  ['edits', 'drops edits', /closed with 4409/],
  ['large-message', 'dies of a large message', /ended as Failed.* Too large/],
  ['slow-page', 'answers all pings', /read everything.* grew by \d+ MB/],
  ['unread-edits', 'keeps what is not read', /kept all 4\d MB for a page that read nothing/],
  ['silent-page', 'never pings', /still connected/],
  ['memory', 'leaks', /for each connection/],
  ['warm', 'speaks garbage', /the last one sent/],
]

const names = CHECKS.map(({ name }) => name)

describe('mock-platform check', () => {
  it('finds that a backend holds that does what it should', async () => {
    const results = await check(LONG ? names : FLAWS.map(([name]) => name))
    expect(results.filter(({ result }) => result !== 'pass')).toEqual([])
    expect(results).toHaveLength(LONG ? names.length : FLAWS.length)
  }, 300_000)

  it.each(LONG ? [...FLAWS, ...LONG_FLAWS] : FLAWS)(
    'fails in %s if a backend %s, and says what to do',
    async (name, flaw, happened) => {
      const [result] = await check([name], flaw)
      expect(result).toMatchObject({ name, result: 'fail', happened: expect.stringMatching(happened) })
      expect(result?.todo).toMatch(/\w/)
    },
    300_000,
  )

  it('has no check that cannot fail', () => {
    const failing = new Set([...FLAWS, ...LONG_FLAWS].map(([name]) => name))
    expect(names.filter((name) => !failing.has(name))).toEqual([])
  })
})
