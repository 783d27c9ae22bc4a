import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { watchStatus } from '@session-backend/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPlatform } from '../support/platform.ts'
import { childrenThatRun, ended, processesWith } from '../support/processes.ts'
import { buildProgram, Program, ready, spawn } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'

const BACKEND = join(import.meta.dirname, '../fixtures/backend.mjs')
const WARM = join(import.meta.dirname, '../fixtures/warm.mjs')
const SAVER = join(import.meta.dirname, '../fixtures/saver.mjs')
const SERVICE = `editor='${process.execPath}' "${BACKEND}"`

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

const run = (...args: string[]) => new Program(program.path, args)
const start = (...args: string[]) =>
  run('--port', '0', '--account', 'acme', '--token', 'sekret', '--service', SERVICE, ...args)

describe('mock-platform', () => {
  it('prints where it listens, and runs the backends of its services', async () => {
    const platform = start()
    const { url } = await ready(await platform.url())
    expect((await fetch(`${url}env`)).status).toBe(200)
    expect(platform.output).toMatch(
      /^mock-platform listens on http:\/\/127\.0\.0\.1:\d+\ndashboard at http:\/\/localhost:\d+\/\n$/,
    )
    expect(platform.errors).toContain('"msg":"Ready"')
    expect(platform.errors).not.toContain('sekret')
  })

  it('prints a random token if none is given', async () => {
    const platform = run('--port', '0')
    const url = await platform.url()
    await expect.poll(() => platform.output).toMatch(/account dev, token dev\.\S{43}\n/)
    const [, token] = /token (\S+)/.exec(platform.output) ?? []
    expect((await fetch(`${url}/auth`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends gracefully by %s', async (signal) => {
    const platform = start()
    const { name } = await ready(await platform.url())
    platform.process.kill(signal)
    expect(await platform.exited).toBe(0)
    expect(platform.errors).toContain('"msg":"Terminated"')
    expect(processesWith(`SESSION_BACKEND_ID=${name}`)).toEqual([])
  })

  it('treats signals within a second as one request, because concurrently and pnpm exec send several', async () => {
    const platform = start('--service', `saver='${process.execPath}' "${SAVER}"`)
    const saved = join(tempFolder(), 'saved')
    await ready(await platform.url(), { env: { SAVED: saved } }, 'saver')
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) platform.process.kill(signal)
    expect(await platform.exited).toBe(0)
    expect(existsSync(saved)).toBe(true)
  })

  it('ends gracefully when nobody reads its log any more', async () => {
    const platform = start('--service', `saver='${process.execPath}' "${SAVER}"`)
    const saved = join(tempFolder(), 'saved')
    const url = await platform.url()
    await ready(url, { env: { SAVED: saved } }, 'saver')
    platform.process.stderr?.destroy()
    await spawn(url)
    expect(await platform.exited).toBe(0)
    expect(existsSync(saved)).toBe(true)
  })

  it('ends at once by Ctrl-C more than a second after the first, and leaves no process behind', async () => {
    const platform = start()
    const { name } = await ready(await platform.url(), { env: { IGNORE_TERM: '1' } })
    const [backend = 0] = processesWith(`SESSION_BACKEND_ID=${name}`)
    const impatient = setInterval(() => platform.process.kill('SIGINT'), 100)
    const code = await platform.exited
    clearInterval(impatient)
    expect(code).toBe(130)
    expect(platform.errors).toContain('Press Ctrl-C again')
    await ended(backend)
  })

  it('prints why a backend failed, and what it wrote to stderr', async () => {
    const platform = start()
    await spawn(await platform.url(), { env: { EXIT: '3', COMPLAINT: 'DATABASE_URL is not set' } })
    await expect.poll(() => platform.errors).toContain('"msg":"Failed"')
    const line = platform.errors.split('\n').find((each) => each.includes('"msg":"Failed"')) ?? ''
    expect(JSON.parse(line)).toMatchObject({
      service: 'editor',
      reason: 'It exited with code 3 before it listened on its port. Its whole log is in the dashboard.',
      stderr: ['DATABASE_URL is not set'],
    })
  })

  it('passes a port to a program by a flag', async () => {
    const code = 'require("http").createServer((_, res) => res.end("by a flag")).listen(process.argv[1])'
    const platform = start('--service', `flag='${process.execPath}' -e '${code}' "$PORT"`)
    const { url } = await ready(await platform.url(), {}, 'flag')
    expect(await (await fetch(url)).text()).toBe('by a flag')
  })

  it.each([
    ['services.editor', ['--image', 'editor=no image']],
    ['--config', ['--config', '/no/such/file.mjs']],
    ['--unknown', ['--unknown']],
  ])('says what is wrong with %s', async (message, args) => {
    const platform = run(...args)
    expect(await platform.exited).toBe(2)
    expect(platform.errors).toContain(message)
  })

  it('shows its help and its version', async () => {
    const [help, version] = [run('--help'), run('--version')]
    expect(await Promise.all([help.exited, version.exited])).toEqual([0, 0])
    for (const flag of ['--service name=command', '--image name=image', '--registry-port number']) {
      expect(help.output).toContain(flag)
    }
    expect(version.output).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('reads a configuration file, and flags override it', async () => {
    const folder = tempFolder()
    const config = {
      account: 'acme',
      token: 'from-file',
      port: 0,
      services: { editor: { command: [process.execPath, BACKEND] } },
    }
    writeFileSync(join(folder, 'config.mjs'), `export default ${JSON.stringify(config)}`)
    const platform = run('--config', join(folder, 'config.mjs'), '--token', 'sekret')
    expect((await ready(await platform.url())).status).toBe('Loading')
  })

  it('runs several services, and ends their backends when a watched file changes', async () => {
    const folder = tempFolder()
    const other = SERVICE.replace('editor', 'other')
    const url = await start('--service', other, '--watch', folder, '--log-level', 'silent').url()
    const sessions = [await ready(url), await ready(url, {}, 'other')]
    writeFileSync(join(folder, 'backend.js'), '')
    for (const { statusUrl } of sessions) {
      const seen: string[] = []
      for await (const { state } of watchStatus(`${statusUrl}/stream`)) seen.push(state)
      expect(seen.at(-1)).toBe('Terminated')
    }
  })

  it('listens on this machine only by default', async () => {
    const { port } = new URL(await start().url())
    const [address] = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    const elsewhere = address === undefined ? '127.0.0.2' : address.address
    await expect(fetch(`http://${elsewhere}:${port}/auth`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    })
  })
})

describe('a platform that is killed', () => {
  it.each([
    ['when its backends run', 600],
    ['while they start', 30],
    ['right after the spawns', 0],
  ])('leaves no process behind, %s', async (_, ms) => {
    const dataDir = tempFolder()
    const platform = start('--data-dir', dataDir)
    const url = await platform.url()
    const env = { MARK: dataDir, GRANDCHILD: '1', IGNORE_TERM: '1' }
    await Promise.all(Array.from({ length: 5 }, (_, i) => spawn(url, { lock: `doc-${i}`, env })))
    await delay(ms)
    platform.process.kill('SIGKILL')
    await platform.exited
    // The next platform begins when nothing of the last one is left.
    const next = await startPlatform({ dataDir })
    expect(processesWith(`MARK=${dataDir}`)).toEqual([])
    await next.close()
  })

  it('is followed by one that calls its backends Lost, and whose tokens are higher', async () => {
    const dataDir = tempFolder()
    const first = start('--data-dir', dataDir)
    const lost = await ready(await first.url(), { lock: 'doc' })
    const before = await (await fetch(`${lost.url}env`)).json()
    first.process.kill('SIGKILL')
    await first.exited

    const url = await start('--data-dir', dataDir).url()
    expect(await (await fetch(`${url}/backend/${lost.name}/status`)).json()).toMatchObject({ state: 'Lost' })
    const session = await ready(url, { lock: 'doc' })
    expect(session.name).not.toBe(lost.name)
    const after = await (await fetch(`${session.url}env`)).json()
    expect(Number(after.SESSION_BACKEND_FENCING_TOKEN)).toBeGreaterThan(
      Number(before.SESSION_BACKEND_FENCING_TOKEN),
    )
  })

  it('leaves no warm backend behind, also if its guardian is killed at the same time', async ({ skip }) => {
    const works = spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
    skip(!works, 'setpriv of util-linux is missing')
    const folder = tempFolder()
    const file = join(folder, 'waiting')
    const command = `editor=env WAITING=${file} '${process.execPath}' "${WARM}"`
    // Nobody is left to remove the folder of the sockets.
    const env = { TMPDIR: folder }
    const platform = new Program(program.path, ['--port', '0', '--warm', '2', '--service', command], { env })
    const waiting = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])
    await expect.poll(waiting, { timeout: 20_000 }).toHaveLength(2)
    const [guardian = expect.fail()] = childrenThatRun('/bin/sh', platform.process.pid)
    // It would otherwise see the end of the platform first.
    process.kill(guardian, 'SIGSTOP')
    platform.process.kill('SIGKILL')
    process.kill(guardian, 'SIGKILL')
    await platform.exited
    await Promise.all(waiting().map((pid) => ended(Number(pid))))
  })
})
