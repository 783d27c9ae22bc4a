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
    const lines = [0, 1].map((restarted) => `${restarted} restarted, 0 up to date, 0 failed, of 1.\n`)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: lines.join('') })
    expect(await sessionBackend(['roll-out', '--json'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\{"total":1,"restarted":1,"upToDate":0,"failed":\[\]/),
    })
  })

  it('exits with 1 if a backend could not be restarted, and says why', async () => {
    const { name } = await open('a')
    platform.faults.add({ kind: 'status', status: 400, endpoint: 'terminate', times: 1 })
    const { code, stderr } = await sessionBackend(['roll-out'])
    expect(code).toBe(1)
    expect(stderr).toContain(`${name}: The platform at ${platform.url} answered 400`)
    expect(stderr).toMatch(/To resume, run the same command with --before \S+Z\n$/)
  })

  it('stops a roll-out at Ctrl-C, and says how to resume it', async () => {
    await open('a')
    await open('b')
    const env = { PATH: process.env.PATH, ...platform.env('editor') }
    const rollOut = spawn(process.execPath, [PROGRAM, 'roll-out', '--per-second', '0.001'], { env })
    const ended = once(rollOut, 'exit')
    const lines = createInterface(rollOut.stderr)[Symbol.asyncIterator]()
    expect((await lines.next()).value).toBe('0 restarted, 0 up to date, 0 failed, of 2.')
    expect((await lines.next()).value).toBe('1 restarted, 0 up to date, 0 failed, of 2.')
    rollOut.kill('SIGINT')
    const advice = /^Interrupted: 1 restarted.*, of 2\. To resume, run the same command with --before (\S+)$/
    const [, before = ''] = advice.exec((await lines.next()).value ?? '') ?? []
    expect(await ended).toEqual([130, null])
    await open('a')
    const { stderr } = await sessionBackend(['roll-out', '--before', before])
    expect(stderr).toMatch(/\n1 restarted, 1 up to date, 0 failed, of 2\.\n$/)
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
    [['open', 'nobody'], 1, 'No backend of the document `nobody` is running (lock `editor/nobody`).'],
    [['list'], 0, 'No backend of the service `editor` is running.'],
    [['destroy'], 2, 'See `npx session-backend --help`.'],
  ])('answers %j with the exit code %i and a reason', async (args, code, text) => {
    expect(await sessionBackend(args)).toMatchObject({ code, stderr: expect.stringContaining(text) })
  })

  it('prints how it is used to stdout if it is asked to, or given nothing to do', async () => {
    const usage = expect.stringMatching(/^Usage: session-backend <command>/)
    for (const args of [['--help'], ['list', '-h'], []])
      expect(await sessionBackend(args)).toEqual({ code: 0, stdout: usage, stderr: '' })
  })

  it('names the variable that is wrong if the platform refuses it, or is not there', async () => {
    const env = platform.env('editor')
    const { stderr: refused } = await sessionBackend(['list'], { ...env, JAMSOCKET_TOKEN: 'wrong' })
    expect(refused).toContain('refused the access token (401): check JAMSOCKET_TOKEN.')
    const { stderr: missing } = await sessionBackend(['list'], {
      ...env,
      JAMSOCKET_API_URL: 'http://127.0.0.1:1',
    })
    expect(missing).toContain(
      "http://127.0.0.1:1 can't be reached (ECONNREFUSED): start it, or check JAMSOCKET_API_URL.",
    )
  })

  it('names the variable that is missing', async () => {
    const { code, stderr } = await sessionBackend(['list'], {})
    expect([code, stderr]).toEqual([1, expect.stringContaining('JAMSOCKET_ACCOUNT must be set')])
  })
})
