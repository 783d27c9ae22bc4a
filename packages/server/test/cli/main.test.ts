import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { jamsocket } from '@session-backend/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const PROGRAM = join(import.meta.dirname, '../../bin/session-backend.js')

let platform: MockPlatform

beforeEach(async () => {
  platform = await createMockPlatform({ services: { editor: { serve: (_, { log }) => log('hello') } } })
})
afterEach(() => platform.close())

/** Runs the built program with the environment of an app. */
async function sessionBackend(
  args: string[],
  env: Record<string, string | undefined> = platform.env('editor'),
) {
  return run(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

async function open(documentId: string) {
  const client = jamsocket.fromEnv(platform.env('editor'))
  const session = await client.spawn({ lock: `editor/${documentId}` })
  for await (const { state } of client.statusStream(session.name)) if (state === 'Ready') break
  await client.close()
  return session
}

describe('session-backend', { timeout: 60_000 }, () => {
  it('lists what runs, as a table and as JSON', async () => {
    const { name } = await open('plan')
    const table = await sessionBackend(['list'])
    expect(table.stdout).toMatch(/^LOCK +NAME +STATUS +SINCE +TAG +CONNECTIONS\n/)
    expect(table.stdout).toMatch(new RegExp(`^editor/plan +${name} +Ready +\\S+Z +- +0$`, 'm'))
    const { stdout } = await sessionBackend(['list', '--json', '--api-version', '2'])
    expect(JSON.parse(stdout)).toMatchObject([{ lock: 'editor/plan', name, status: 'Ready' }])
  })

  it('restarts what runs, with progress and a report', async () => {
    await open('a')
    await open('b')
    const { code, stdout, stderr } = await sessionBackend([
      'roll-out',
      '--per-second',
      '50',
      '--document',
      'a',
    ])
    expect([code, stderr]).toEqual([0, '1 restarted, 0 up to date, 0 failed, of 1.\n'])
    expect(stdout).toMatch(/^1 restarted, 0 up to date, 0 failed, of 1\. To resume: --before \S+Z\n$/)
    expect(await sessionBackend(['roll-out', '--json'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\{"total":1,"restarted":1,"upToDate":0,"failed":\[\]/),
    })
  })

  it('exits with 1 if a backend could not be restarted, and says why', async () => {
    const { name } = await open('a')
    platform.faults.add({ kind: 'status', status: 400, endpoint: 'terminate', times: 1 })
    const { code, stderr } = await sessionBackend(['roll-out'])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${name}: The platform answered 400.`)])
  })

  it("prints a document's URL", async () => {
    const { url } = await open('a')
    expect((await sessionBackend(['open', 'a'])).stdout).toBe(`${url}\n`)
  })

  it("prints a document's log until its backend ends", async () => {
    await open('a')
    const logs = spawn(process.execPath, [PROGRAM, 'logs', 'a'], {
      env: { PATH: process.env.PATH, ...platform.env('editor') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(logs, 'exit')
    expect(await once(createInterface(logs.stdout), 'line')).toEqual(['hello'])
    await sessionBackend(['roll-out'])
    expect(await ended).toEqual([0, null])
  })

  it.each([
    [['open', 'nobody'], 1, 'session-backend: No backend holds this lock.'],
    [['open'], 1, "`DOCUMENT` must be a document's id, got nothing."],
    [['list', '--api-version', '3'], 1, '`--api-version` must be 1 or 2, got 3.'],
    [['destroy'], 2, 'Usage: session-backend <command>'],
    [[], 0, 'Usage: session-backend <command>'],
  ])('answers %j with the exit code %i and a reason', async (args, code, text) => {
    expect(await sessionBackend(args)).toMatchObject({ code, stderr: expect.stringContaining(text) })
  })

  it('names the variable that is missing', async () => {
    const { code, stderr } = await sessionBackend(['list'], {})
    expect([code, stderr]).toEqual([1, expect.stringContaining('JAMSOCKET_ACCOUNT must be set')])
  })
})
