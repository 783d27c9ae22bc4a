import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readEvents } from '@session-backend/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { survivesBrokenPool } from '../test/support/broken-pool.ts'
import { Client, startPlatform } from '../test/support/platform.ts'
import { childrenThatRun, ended, processesWith } from '../test/support/processes.ts'
import { buildProgram, Program, ready, spawn } from '../test/support/program.ts'
import { limitsOf } from './support/cgroup.ts'
import { buildBackend, buildOfficial, buildWarm, docker, missing } from './support/images.ts'

const image = 'containers/backend'
const backend = join(import.meta.dirname, '../test/fixtures/backend.mjs')

const start = async (limits = {}) =>
  new Client(await startPlatform({ services: { editor: { image, ...limits } } }))

/** The processes of a backend, as this machine sees them. */
const processesOf = ({ name }: { name: string }) => processesWith(`SESSION_BACKEND_ID=${name}`)

const containersOf = async ({ name }: { name: string }) =>
  (await docker('ps', '--all', '--quiet', '--filter', `label=session-backend.name=${name}`))
    .split('\n')
    .filter(Boolean)

describe.skipIf(missing)('backends that are containers', () => {
  beforeAll(() => buildBackend(image, backend))

  it('get as much memory and time as the service says', async () => {
    const client = await start({ memory: '64m', cpus: 0.5 })
    const [pid = 0] = processesOf(await client.ready())
    expect(limitsOf(pid)).toEqual({ memory: 64 * 1024 * 1024, cpus: 0.5 })
  })

  it('end with all that they have started, and are removed', async () => {
    const client = await start()
    const session = await client.ready({ env: { GRANDCHILD: '1' } })
    const pids = processesOf(session)
    expect(pids).toHaveLength(2)
    expect(await containersOf(session)).toHaveLength(1)
    await client.terminate(session)
    expect(await client.until(session)).toContain('Terminated')
    // The lock is free only now, so nothing of it is left.
    expect(processesOf(session)).toEqual([])
    expect(await containersOf(session)).toEqual([])
  })

  it('fail to load if there is no such image or tag, and say so', async () => {
    const client = new Client(
      await startPlatform({
        services: { editor: { image }, unknown: { image: '127.0.0.1:1/acme/nope' } },
      }),
    )
    const cases = [
      {
        session: await client.spawn({}, 'unknown'),
        cause: /127\.0\.0\.1:1\/acme\/nope:latest cannot be pulled: ./,
      },
      { session: await client.spawn({ tag: 'no/tag' }), cause: /"no\/tag" is no tag/ },
      { session: await client.spawn({ tag: 'v9' }), cause: /containers\/backend:v9 cannot be pulled: ./ },
    ]
    for (const { session, cause } of cases) {
      expect(await client.until(session)).toEqual(['Loading', 'ErrorLoading'])
      expect((await client.log(session)).join('\n')).toMatch(cause)
    }
  })

  it('have their log read while they write it', async () => {
    const client = await start()
    const session = await client.ready()
    const reading = new AbortController()
    const { body } = await client.call(`/backend/${session.name}/logs`, { signal: reading.signal })
    const events = readEvents(body ?? expect.fail())
    const lines: string[] = []
    for await (const { data } of events) {
      lines.push(data)
      if (data.startsWith('listens')) break
    }
    reading.abort()
    expect(lines[0]).toMatch(/^started \d+$/)
  })
})

describe.skipIf(missing)('a warm pool of containers', () => {
  const official = 'containers/official'
  beforeAll(() => buildOfficial(official))

  it('gives a document to a container that was started before, through the official library', async () => {
    const client = new Client(await startPlatform({ services: { editor: { image: official, warm: 1 } } }))
    for (;;) {
      const session = await client.ready({ lock: 'plan', env: { COLOR: 'green' } })
      const found = await (await fetch(session.url)).json()
      expect(found).toMatchObject({ id: session.name, key: 'plan', env: { COLOR: 'green', PORT: '8080' } })
      await client.terminate(session)
      await client.until(session)
      // That the container runs does not say that it waits already.
      if (!(await client.log(session)).join().includes('started cold')) break
    }
  })

  it('is removed with the platform, also if that is killed', async () => {
    const program = await buildProgram()
    const platform = new Program(program.path, [
      '--port',
      '0',
      '--warm',
      '2',
      '--image',
      `editor=${official}`,
    ])
    await platform.url()
    const containers = async () =>
      (await docker('ps', '--all', '--quiet', '--filter', `ancestor=${official}`)).split('\n').filter(Boolean)
    const waits = { timeout: 30_000, interval: 50 }
    await vi.waitFor(async () => expect(await containers()).toHaveLength(2), waits)
    platform.process.kill('SIGKILL')
    await platform.exited
    await vi.waitFor(async () => expect(await containers()).toEqual([]), waits)
    await program.remove()
  })
})

describe.skipIf(missing)('a warm pool of containers that break the protocol', () => {
  const warm = 'containers/warm'
  beforeAll(() => buildWarm(warm))
  survivesBrokenPool({ image: warm })
})

describe.skipIf(missing)('the program, with an image', () => {
  let program = { path: '', remove: async () => {} }
  beforeAll(async () => {
    await buildBackend(image, backend)
    program = await buildProgram()
  })
  afterAll(() => program.remove())

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves no container and no process behind by %s',
    async (signal) => {
      const args = ['--port', '0', '--account', 'acme', '--token', 'sekret', '--image', `editor=${image}`]
      const platform = new Program(program.path, args)
      const url = await platform.url()
      const session = await ready(url, { env: { GRANDCHILD: '1' } })
      const another = await spawn(url)
      const pids = processesOf(session)
      expect(pids).toHaveLength(2)
      platform.process.kill(signal)
      await platform.exited
      await vi.waitFor(
        async () => {
          for (const each of [session, another]) expect(await containersOf(each)).toEqual([])
        },
        { timeout: 30_000, interval: 50 },
      )
      await Promise.all(pids.map(ended))
    },
  )

  it('leaves no registry and no image behind by SIGKILL', async () => {
    const platform = new Program(program.path, ['--port', '0', '--registry-port', '0'])
    await platform.url()
    await expect.poll(() => platform.output).toMatch(/^registry at 127\.0\.0\.1:\d+$/m)
    const [registry = expect.fail()] = childrenThatRun('docker-registry', platform.process.pid)
    const [, , config = ''] = readFileSync(`/proc/${registry}/cmdline`, 'utf8').split('\0')
    platform.process.kill('SIGKILL')
    await ended(registry)
    await vi.waitFor(() => expect(existsSync(dirname(config))).toBe(false), { timeout: 30_000, interval: 50 })
  })
})
