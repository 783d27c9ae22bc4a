import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { backendAssignment } from '@session-backend/backend'
import { describe, expect, it, vi } from 'vitest'
import type { MockPlatformOptions, Serve } from '../../src/index.ts'
import { joinPool, socketOf } from '../fixtures/pool.mjs'
import { survivesBrokenPool } from '../support/broken-pool.ts'
import { Client, startPlatform } from '../support/platform.ts'
import { processesWith } from '../support/processes.ts'
import { tempFolder } from '../support/temp-folder.ts'

const PROGRAM = [process.execPath, join(import.meta.dirname, '../fixtures/warm.mjs')] as const
const WAIT = { timeout: 20_000, interval: 20 }
const OFFICIAL = join(import.meta.dirname, '../fixtures/warm-official.mjs')

interface Setup extends MockPlatformOptions {
  command?: readonly [string, ...string[]]
  watch?: string[]
}

/** A platform whose service `editor` has a warm pool, and the pids of all that its backends run. */
async function start(warm: number, { command = PROGRAM, watch, ...options }: Setup = {}) {
  const MARK = randomUUID()
  const program = { command, env: { MARK } }
  const tags = { next: { command: PROGRAM } }
  const platform = await startPlatform({
    services: { editor: { ...program, warm, tags, ...(watch && { watch }) } },
    ...options,
  })
  const running = () => processesWith(`MARK=${MARK}`)
  /** Waits until so many processes run, and none of those that are over. */
  const run = (count: number, over: number[] = []) =>
    vi.waitFor(
      () => {
        expect(running()).toHaveLength(count)
        expect(running().filter((pid) => over.includes(pid))).toEqual([])
      },
      { timeout: 20_000 },
    )
  return { client: new Client(platform), platform, running, run }
}

/** What the backend of a session says of itself. */
const about = async ({ url }: { url: string }) => (await fetch(url)).json()
const COLD = /started cold/

/** Spawns until the pool has served one: that a process runs doesn't say that it is warm. */
async function takeWarm(client: Client, options: Parameters<Client['spawn']>[0] = {}) {
  for (;;) {
    const session = await client.ready(options)
    const { pid, SESSION_BACKEND_SOCKET } = await about(session)
    if (SESSION_BACKEND_SOCKET !== undefined) return { session, pid }
    await client.terminate(session)
    await client.until(session)
  }
}

describe('a warm pool', { timeout: 60_000 }, () => {
  it('gives a document to a backend that was started before, with everything that a cold one finds', async () => {
    const { client, running, run } = await start(1)
    await run(1)
    const [waiting] = running()
    const list = await (await client.call('/v2/account/acme/backends')).json()
    expect(list).toEqual({ running_backends: [] })
    const { session, pid } = await takeWarm(client, { lock: 'plan', env: { COLOR: 'green' } })
    const found = await about(session)
    expect(found).toMatchObject({
      COLOR: 'green',
      JAMSOCKET_SERVICE: 'editor',
      SESSION_BACKEND_ID: session.name,
      SESSION_BACKEND_KEY: 'plan',
    })
    expect(found.document).toMatchObject({
      backend_id: session.name,
      key: 'plan',
      fencing_token: Number(found.SESSION_BACKEND_FENCING_TOKEN),
      static_token: null,
    })
    expect([waiting, ...running()]).toContain(pid)
    expect(await client.until(session, 'Ready')).toEqual(['Loading', 'Starting', 'Ready'])
    await run(2)
  })

  it('is Ready in the answer to its spawn request, so that a page needs no status stream', async () => {
    const { client } = await start(1)
    await vi.waitFor(async () => {
      const session = await client.spawn()
      await client.terminate(session)
      expect(session).toMatchObject({ spawned: true, status: 'Ready' })
    }, WAIT)
  })

  it('is filled again, replaced when a watched file changes or a backend dies, and gone with the platform', async () => {
    const folder = tempFolder()
    const { client, platform, running, run } = await start(2, { watch: [folder] })
    await run(2)
    const first = running()
    process.kill(first[0] ?? 0, 'SIGKILL')
    await run(2, first.slice(0, 1))
    writeFileSync(join(folder, 'backend.js'), '')
    await run(2, first)
    const { session } = await takeWarm(client)
    const { SESSION_BACKEND_SOCKET } = await about(session)
    await platform.close()
    expect(running()).toEqual([])
    expect(existsSync(dirname(dirname(SESSION_BACKEND_SOCKET)))).toBe(false)
  })

  it.each([
    ['a tag', { tag: 'next' }, 'without a tag'],
    ['a variable that Node reads at the start', { env: { NODE_OPTIONS: '--no-warnings' } }, 'NODE_OPTIONS'],
    ['a variable that every program reads at the start', { env: { PATH: process.env.PATH ?? '' } }, 'PATH'],
  ])(
    'does not serve a spawn request with %s, which starts cold and says so in the log',
    async (_, request, why) => {
      const { client, run } = await start(1)
      await run(1)
      const session = await client.ready(request)
      expect(await about(session)).not.toHaveProperty('SESSION_BACKEND_SOCKET')
      await client.terminate(session)
      await client.until(session)
      expect((await client.log(session)).join()).toMatch(COLD)
      expect((await client.log(session)).join()).toContain(why)
    },
  )

  it('ends a backend that was taken for a document and never had it', async () => {
    const { client, running, platform } = await start(1)
    let before: number[]
    let log: string[]
    do {
      before = running()
      platform.faults.add({ kind: 'stuck-loading' })
      const session = await client.spawn({ lock: 'doc' })
      await client.terminate(session)
      expect((await client.until(session)).at(-1)).toBe('Terminated')
      log = await client.log(session)
    } while (COLD.test(log.join()))
    await vi.waitFor(() => expect(running().filter((pid) => before.includes(pid))).toEqual([]), 10_000)
  })

  it('is served by the official library, unchanged', async ({ skip }) => {
    skip(spawnSync('unshare', ['--mount', 'true']).status !== 0, 'mount namespaces need root on Linux')
    // The library knows one path only, which each of these processes sees as its own.
    const script = `[ -z "$SESSION_BACKEND_SOCKET" ] || { mkdir -p /jamsocket-control && mount --bind "$(dirname "$SESSION_BACKEND_SOCKET")" /jamsocket-control; } && exec "$@"`
    const command = ['unshare', '--mount', 'sh', '-c', script, 'sh', process.execPath, OFFICIAL] as const
    const { client } = await start(2, { command })
    const sessions = await Promise.all(
      ['a', 'b'].map((lock) => takeWarm(client, { lock, env: { COLOR: lock } })),
    )
    for (const { session } of sessions) {
      const found = await about(session)
      expect(found).toMatchObject({ id: session.name, env: { COLOR: found.key } })
    }
  })
})

/** How many functions wait for a document. */
let waiting = 0

/** A backend that is a function, and takes its document from a warm pool. */
const serve: Serve = async (server, { env, signal, log }) => {
  waiting++
  log('waits')
  const assignment = await backendAssignment({ env, signal }).finally(() => waiting--)
  const { id, key, fencingToken, warm } = assignment
  if (assignment.env.MODE === 'fail') throw new Error('This document is broken.')
  server.on('request', (_request, response) => response.end(JSON.stringify({ id, key, fencingToken, warm })))
  assignment.ready()
}

describe('a warm pool of functions', () => {
  const start = async (warm: number) => {
    const platform = await startPlatform({ services: { editor: { serve, warm } } })
    await vi.waitFor(() => expect(waiting).toBe(warm))
    return { platform, client: new Client(platform) }
  }

  it('gives its document to a function that was called before, and is filled again', async () => {
    const { client } = await start(1)
    const session = await client.ready({ lock: 'plan' })
    const found = await about(session)
    expect(found).toEqual({ id: session.name, key: 'plan', fencingToken: expect.any(Number), warm: true })
    await vi.waitFor(() => expect(waiting).toBe(1), 10_000)
    await client.terminate(session)
    expect((await client.until(session)).at(-1)).toBe('Terminated')
    expect(await client.log(session)).toEqual(['waits'])
  })

  it('ends with the platform', async () => {
    const { platform } = await start(2)
    await platform.close()
    await vi.waitFor(() => expect(waiting).toBe(0))
  })

  it('ends a function that fails with its document, and frees the lock', async () => {
    const { client } = await start(2)
    const session = await client.spawn({ lock: 'plan', env: { MODE: 'fail' } })
    expect((await client.until(session)).at(-1)).toBe('ErrorStarting')
    expect((await client.log(session)).join()).toContain('This document is broken.')
    const next = await client.ready({ lock: 'plan' })
    expect(next.spawned).toBe(true)
  })
})

describe('a warm pool of processes that break the protocol', { timeout: 60_000 }, () =>
  survivesBrokenPool({ command: PROGRAM }),
)

/** A function that breaks the protocol, if it waits in a pool. */
const misbehaving: Serve = (server, { env, exit }) => {
  server.on('request', (_request, response) => response.end('hello'))
  const path = socketOf(env)
  if (path === undefined) return
  if (env.WARM_MODE === 'throws') throw new Error('It is broken.')
  joinPool(path, { mode: env.WARM_MODE, exit, serve: (_document, listening) => listening() })
}

describe('a warm pool of functions that break the protocol', { timeout: 60_000 }, () => {
  survivesBrokenPool({ serve: misbehaving })

  it('starts cold if a function throws before its document comes, and says why in the log', async () => {
    const services = { editor: { serve: misbehaving, warm: 1, env: { WARM_MODE: 'throws' } } }
    const client = new Client(await startPlatform({ services }))
    await vi.waitFor(async () => {
      const session = await client.ready({ lock: 'doc' })
      await client.terminate(session)
      await client.until(session)
      expect((await client.log(session)).join()).toContain('It is broken.')
    }, WAIT)
  })
})

it('a spawn request of a service without a pool starts cold and says so, if another service has one', async () => {
  const client = new Client(
    await startPlatform({ services: { editor: { serve, warm: 1 }, other: { serve: misbehaving } } }),
  )
  const session = await client.ready({ lock: 'doc' }, 'other')
  await client.terminate(session)
  await client.until(session)
  expect((await client.log(session)).join()).toContain('the service other has no warm pool')
})
