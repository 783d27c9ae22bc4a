import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TerminalStatus, watchStatus } from '@session-backend/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findChromium } from '../../../../scripts/chromium.mjs'
import { readProcesses } from '../../src/runtime/processes.ts'
import { Client, startPlatform } from '../support/platform.ts'
import { childrenThatRun } from '../support/processes.ts'
import { buildProgram, Program, ready, spawn } from '../support/program.ts'
import { tempFolder } from '../support/temp-folder.ts'

const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name)
const NODE = process.execPath
const SERVER = fixture('server.mjs')

/** A module that starts this program in its own process group and session. */
const detached = (program: string, ...args: string[]) =>
  `import { spawn } from 'node:child_process'
   const start = (program, args) => spawn(program, args, { detached: true, stdio: 'ignore' }).unref()
   start(${JSON.stringify(program)}, ${JSON.stringify(args)})`

/** Added to it: starts a browser, and waits until that runs. */
const browser = (folder: string) =>
  `import { existsSync } from 'node:fs'
   const args = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--user-data-dir=${folder}/profile', 'about:blank']
   start(${JSON.stringify(findChromium())}, args)
   while (!existsSync('${folder}/profile/DevToolsActivePort')) await new Promise((done) => setTimeout(done, 20))`

type Command = readonly [string, ...string[]]

/** What a backend may run, with a helper that writes in the folder. */
const KINDS: Record<string, (folder: string, how: string) => Command> = {
  'a helper that Node started detached': (folder, how) => [
    NODE,
    SERVER,
    detached('/bin/sh', fixture('helper.sh'), folder, how),
  ],
  'a helper under setsid': (folder, how) => [
    '/bin/sh',
    '-c',
    `setsid ${helper(folder, how)} & exec "${NODE}" "${SERVER}"`,
  ],
  'a helper under setsid whose environment is empty': (folder, how) => [
    '/bin/sh',
    '-c',
    `setsid env -i PATH="$PATH" ${helper(folder, how)} & exec "${NODE}" "${SERVER}"`,
  ],
  'a helper and a server under timeout': (folder, how) => [
    '/bin/sh',
    '-c',
    `timeout 600 ${helper(folder, how)} & timeout 600 "${NODE}" "${SERVER}"; true`,
  ],
  'a shell with job control': (folder, how) => [
    '/bin/bash',
    '-c',
    `set -m; ${helper(folder, how)} & "${NODE}" "${SERVER}"; true`,
  ],
  'a headless Chromium': (folder, how) => [
    NODE,
    SERVER,
    `${detached('/bin/sh', fixture('helper.sh'), folder, how)}\n${browser(folder)}`,
  ],
}

const helper = (folder: string, how: string) => `sh "${fixture('helper.sh')}" "${folder}" ${how}`

/** The processes whose command line names the folder. */
function processesNaming(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

/** Nothing writes in the folder, and never did two at once. */
function expectQuiet(folder: string, what = 'the backend'): void {
  expect(processesNaming(folder), `processes of ${what}`).toEqual([])
  expect(spawnSync('flock', ['--nonblock', join(folder, 'held'), 'true']).status, `lock of ${what}`).toBe(0)
  expect(existsSync(join(folder, 'violations')), `two helpers at once of ${what}`).toBe(false)
}

/** Resolves when so many helpers have begun. */
async function started(folder: string, count: number): Promise<void> {
  const path = join(folder, 'started')
  await vi.waitUntil(() => existsSync(path) && readFileSync(path, 'utf8').split('\n').length > count, {
    timeout: 20_000,
    interval: 5,
  })
}

let program = { path: '', remove: async () => {} }
beforeAll(async () => {
  program = await buildProgram()
})
afterAll(() => program.remove())

/** Starts a platform in its own process. Resolves to it and its address. */
async function startProgram(home: string, commands: Record<string, Command>) {
  const config = { port: 0, account: 'acme', token: 'sekret', dataDir: join(home, 'data') }
  const path = join(home, 'config.mjs')
  const services = Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, { command }]))
  writeFileSync(path, `export default ${JSON.stringify({ ...config, services })}`)
  const platform = new Program(program.path, ['--config', path])
  return { process: platform.process, exited: platform.exited, url: await platform.url() }
}

const onLinux = describe.runIf(process.platform === 'linux')

onLinux.each(Object.entries(KINDS))('a backend with %s', (_, commandOf) => {
  it.each([
    ['', 0],
    ['stubborn', 10_000],
  ])(
    'leaves nothing behind when it is terminated, before its lock is free %s',
    async (how, limit) => {
      const folder = tempFolder()
      const services = { editor: { command: commandOf(folder, how) } }
      const client = new Client(await startPlatform({ services, startTimeoutSeconds: 60 }))
      const first = await client.ready({ lock: 'doc' })
      await started(folder, 1)
      await client.terminate(first)
      // The next one is asked for from the beginning: it comes when the first is gone.
      const next = vi.waitUntil(async () => (await client.spawn({ lock: 'doc' })).spawned, {
        timeout: 10_000,
      })
      if (limit > 0) {
        // The helper stays. The server may be gone by now, and with it the only one whose environment names the backend.
        expect(processesNaming(folder)).not.toEqual([])
        client.platform.clock.advance(limit)
      }
      await next
      await started(folder, 2)
      const { name } = await client.spawn({ lock: 'doc' })
      await client.call(`/v2/backend/${name}/terminate`, { method: 'POST', body: { hard: true } })
      await client.platform.close()
      expectQuiet(folder)
    },
    30_000,
  )
})

onLinux('a platform that is killed', () => {
  it('leaves nothing of any kind of backend behind, before the next platform begins', async () => {
    const home = tempFolder()
    const folders = new Map(Object.keys(KINDS).map((kind) => [kind, tempFolder()]))
    const commands = Object.entries(KINDS).map(
      ([kind, commandOf], i) => [`kind-${i}`, commandOf(folders.get(kind) ?? '', 'stubborn')] as const,
    )
    const startAll = (url: string, count: number, start: typeof spawn) =>
      Promise.all([
        ...commands.map(([service]) => start(url, { lock: service }, service)),
        ...Array.from(folders.values(), (folder) => started(folder, count)),
      ])
    const expectAllQuiet = () => {
      for (const [kind, folder] of folders) expectQuiet(folder, `a backend with ${kind}`)
    }
    const first = await startProgram(home, Object.fromEntries(commands))
    await startAll(first.url, 1, ready)
    first.process.kill('SIGKILL')
    await first.exited
    const next = await startProgram(home, Object.fromEntries(commands))
    expectAllQuiet()
    await startAll(next.url, 2, spawn)
    next.process.kill('SIGKILL')
    await vi.waitFor(expectAllQuiet, { timeout: 20_000 })
  }, 60_000)
})

onLinux('a platform that is killed together with its guardian', () => {
  it('leaves nothing that still runs once the next platform begins', async () => {
    const [home, folder] = [tempFolder(), tempFolder()]
    const command = KINDS['a helper under setsid']?.(folder, 'stubborn') ?? expect.fail()
    const first = await startProgram(home, { editor: command })
    await ready(first.url)
    await started(folder, 1)
    first.process.kill('SIGSTOP')
    for (const guardian of childrenThatRun('/bin/sh', first.process.pid)) process.kill(guardian, 'SIGKILL')
    first.process.kill('SIGKILL')
    await first.exited
    expect(processesNaming(folder)).not.toEqual([])
    await startProgram(home, { editor: command })
    expectQuiet(folder)
  })
})

onLinux('a backend that crashes', () => {
  it('ends as Failed only when its detached helper has ended too', async () => {
    const folder = tempFolder()
    const script = `${detached('/bin/sh', fixture('helper.sh'), folder)}
      while (!(await import('node:fs')).existsSync('${folder}/started')) await new Promise((done) => setTimeout(done, 5))
      process.exit(3)`
    const client = new Client(
      await startPlatform({ services: { editor: { command: [NODE, SERVER, script] } } }),
    )
    const { statusUrl } = await client.spawn()
    let last: TerminalStatus | string = ''
    for await (const { state } of watchStatus(`${statusUrl}/stream`)) last = state
    expect(last).toBe('Failed')
    expectQuiet(folder)
  })
})

onLinux('the processes of this machine', () => {
  it('are known by where they belong, and by the backend in whose environment they run', () => {
    const own = readProcesses().get(process.pid)
    expect(own).toMatchObject({ pid: process.pid, parent: process.ppid, backendId: undefined })
    expect(own?.started).toBeGreaterThan(0)
  })
})
