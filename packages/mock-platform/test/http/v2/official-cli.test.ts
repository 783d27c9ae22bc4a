import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createMockPlatform, type MockPlatform } from '../../../src/index.ts'
import { BACKEND } from '../../support/platform.ts'

const run = promisify(execFile)
const WARM = [process.execPath, join(import.meta.dirname, '../../fixtures/warm.mjs')] as const
const PROGRAM = join(dirname(createRequire(import.meta.url).resolve('jamsocket/package.json')), 'bin/run')

describe('the official command line, unchanged', { timeout: 60_000 }, () => {
  let platform: MockPlatform
  let home: string

  beforeAll(async () => {
    platform = await createMockPlatform({
      account: 'acme',
      services: { editor: { command: BACKEND }, pool: { command: WARM, warm: 1 } },
    })
    home = await mkdtemp(join(tmpdir(), 'session-backend-cli-'))
    // It has just looked for a newer version of itself, and asks nobody.
    await mkdir(join(home, '.cache/jamsocket'), { recursive: true })
    await writeFile(join(home, '.cache/jamsocket/version'), '{"latest":"0.0.0"}')
  })

  afterAll(async () => {
    await platform?.close()
    await rm(home, { recursive: true, force: true })
  })

  /** What a command prints, without colours. */
  async function jamsocket(...args: string[]): Promise<string> {
    const { PATH } = process.env
    const env = { PATH, HOME: home, JAMSOCKET_SERVER_API: platform.url, COLUMNS: '200' }
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args], { env, timeout: 50_000 })
    return stripVTControlCharacters(`${stdout}${stderr}`)
  }

  const idIn = (output: string) => /backend id:\s+(\S+)/.exec(output)?.[1] ?? expect.fail(output)
  const urlIn = (output: string) => /backend url:\s+(\S+)/.exec(output)?.[1] ?? expect.fail(output)

  it('signs in with an access token, and knows the account', async () => {
    expect(await jamsocket('login', '--token', platform.token)).toContain(
      'Logged in using API token as "acme"',
    )
    expect(await jamsocket('login')).toContain('You are already logged in as account acme')
  })

  it('creates, lists, describes and deletes services', async () => {
    expect(await jamsocket('service', 'create', 'new')).toContain('Created service: new')
    expect(await jamsocket('service', 'list')).toMatch(/editor[\s\S]*new/)
    expect(await jamsocket('service', 'info', 'new')).toContain('new')
    expect(await jamsocket('service', 'delete', 'new', '--yes')).toContain('Deleted service: new')
    expect(await jamsocket('service', 'list')).not.toContain('new')
  })

  it('connects: starts a backend, and finds it again by its key, for a user', async () => {
    const first = await jamsocket('connect', 'editor', '-k', 'doc', '-e', 'NAME=value', '-i', '60')
    expect(first).toContain('spawned:         true')
    const again = await jamsocket(
      'connect',
      'editor',
      '-k',
      'doc',
      '-u',
      'ada',
      '-a',
      '{"role":"writer"}',
      '--no-spawn',
    )
    expect(again).toContain('spawned:         false')
    expect(idIn(again)).toBe(idIn(first))
    expect(urlIn(again)).not.toBe(urlIn(first))
    expect(await (await fetch(`${urlIn(again)}env`)).json()).toMatchObject({ NAME: 'value' })
  })

  it('spawns by v1 too', async () => {
    const output = await jamsocket('service', 'spawn', 'editor', '-l', 'doc', '-g', '60')
    expect(output).toMatch(/Backend spawned|spawned/i)
    expect(output).toContain(`${platform.url}/p/`)
  })

  it('connects to a backend of a warm pool, lists it, and streams what it printed before', async () => {
    await vi.waitFor(
      async () => {
        const { url, token } = platform
        const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
        expect(await answer.text()).toMatch(/warm_backends\{.*pool.*\} 1$/m)
      },
      { timeout: 30_000, interval: 100 },
    )
    const id = idIn(await jamsocket('connect', 'pool', '-k', 'warm'))
    expect(await jamsocket('backend', 'list')).toMatch(new RegExp(`${id}\\s.*acme\\s+pool\\s+.*warm`))
    const log = jamsocket('logs', id)
    await jamsocket('terminate', id)
    // Printed before it had a document.
    expect(await log).toMatch(/waits as \d+/)
    expect(await log).not.toContain('started cold')
  })

  it('lists backends, describes one, streams its log, and terminates it', async () => {
    const id = idIn(await jamsocket('connect', 'editor', '-k', 'other'))
    expect(await jamsocket('backend', 'list')).toMatch(new RegExp(`${id}\\s.*acme\\s+editor\\s+.*other`))
    expect(await jamsocket('backend', 'info', id)).toMatch(/service:\s+editor[\s\S]*scheduled/)
    const log = jamsocket('logs', id)
    expect(await jamsocket('terminate', id)).toContain(`Termination requested for backend: ${id}`)
    expect(await log).toMatch(/started \d+/)
    expect(await jamsocket('backend', 'info', id)).toContain('terminated (reason: external, kind: soft')
    expect(await jamsocket('terminate', id)).toContain('has already terminated')
    expect(await jamsocket('backend', 'list')).not.toContain(id)
  })

  it('warns of nothing that a stream has in it, such as the ids of its events', async () => {
    const id = idIn(await jamsocket('connect', 'editor', '-k', 'quiet'))
    const log = jamsocket('logs', id)
    await jamsocket('terminate', id)
    expect(await log).not.toMatch(/warn|unexpected|unknown|invalid/i)
  })

  it('signs out', async () => {
    expect(await jamsocket('logout')).toContain('Logged out')
  })
})
