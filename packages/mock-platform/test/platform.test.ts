import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { FakeClock } from '../../core/test/support/fake-clock.ts'
import { createMockPlatform } from '../src/index.ts'
import { BACKEND, Client, startPlatform } from './support/platform.ts'
import { ended, processesWith, runs } from './support/processes.ts'
import { openResources, released } from './support/resources.ts'
import { tempFolder } from './support/temp-folder.ts'

describe('every status occurs for its own reason', () => {
  it('Loading, Starting, Ready, and Terminated by the API', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready()
    await client.terminate(session)
    expect(await client.until(session)).toEqual(['Loading', 'Starting', 'Ready', 'Terminated'])
  })

  it.each([
    ['Exited', '0'],
    ['Failed', '3'],
  ])('%s when its process exits with %s', async (status, EXIT) => {
    const client = new Client(await startPlatform())
    expect(await client.until(await client.spawn({ env: { EXIT } }))).toEqual(['Loading', 'Starting', status])
  })

  it('is reached even if `onStatus` throws, and the error goes to `onProblem`', async () => {
    const problem = new Error('of the app')
    const onProblem = vi.fn()
    const onStatus = () => {
      throw problem
    }
    const client = new Client(await startPlatform({ onStatus, onProblem }))
    expect(await client.until(await client.spawn({ env: { EXIT: '0' } }))).toEqual([
      'Loading',
      'Starting',
      'Exited',
    ])
    expect(onProblem.mock.calls).toEqual([[problem], [problem], [problem]])
  })

  it('Failed when a signal ends it', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready()
    const { pid } = await (await fetch(session.url)).json()
    process.kill(pid, 'SIGKILL')
    expect((await client.until(session)).at(-1)).toBe('Failed')
  })

  it('ErrorStarting when there is no such program or folder, and the log says so', async () => {
    const services = {
      editor: { command: ['/no/such/program'] as const },
      folder: { command: BACKEND, cwd: '/no/such/folder' },
    }
    const client = new Client(await startPlatform({ services }))
    const session = await client.spawn()
    expect(await client.until(session)).toEqual(['Loading', 'Starting', 'ErrorStarting'])
    expect(await client.log(session)).toContain(
      'The program /no/such/program was not found. Check the command of the service, and the PATH.',
    )
    const nowhere = await client.spawn({}, 'folder')
    expect(await client.until(nowhere)).toEqual(['Loading', 'Starting', 'ErrorStarting'])
    expect(await client.log(nowhere)).toEqual([
      'The folder /no/such/folder does not exist. Check the `cwd` of the service.',
    ])
  })

  it('ErrorLoading when there is no such tag, or nothing to run', async () => {
    const client = new Client(await startPlatform())
    const session = await client.spawn({ tag: 'nope' })
    expect(session.status).toBe('Loading')
    expect(await client.until(session)).toEqual(['Loading', 'ErrorLoading'])
    expect(await client.log(session)).toEqual(['The service editor has no tag "nope".'])
    await client.call('/user/acme/service', { method: 'POST', body: { name: 'new' } })
    expect(await client.until(await client.spawn({}, 'new'))).toEqual(['Loading', 'ErrorLoading'])
  })

  it('TimedOutBeforeReady when it never listens', async () => {
    const client = new Client(await startPlatform({ startTimeoutSeconds: 30 }))
    const session = await client.spawn({ env: { SILENT: '1' } })
    await client.printed(session, 'started')
    client.platform.clock.advance(30_000)
    expect(await client.until(session)).toEqual(['Loading', 'Starting', 'TimedOutBeforeReady'])
    expect(processesWith(`SESSION_BACKEND_ID=${session.name}`)).toEqual([])
  })

  it('Swept when nobody was connected for the grace period', async () => {
    const client = new Client(await startPlatform({ gracePeriodSeconds: 300 }))
    const [standard, short, none] = await Promise.all([
      client.ready(),
      client.ready({ grace_period_seconds: 10 }),
      client.spawn({ grace_period_seconds: 0 }),
    ])
    expect((await client.until(none)).at(-1)).toBe('Swept')
    client.platform.clock.advance(10_000)
    expect((await client.until(short)).at(-1)).toBe('Swept')
    expect(await (await client.call(`/backend/${standard.name}/status`)).json()).toMatchObject({
      state: 'Ready',
    })
    client.platform.clock.advance(290_000)
    expect((await client.until(standard)).at(-1)).toBe('Swept')
  })

  it('is not swept while a request to it is open', async () => {
    const client = new Client(await startPlatform({ gracePeriodSeconds: 300 }))
    const session = await client.ready()
    const leaving = new AbortController()
    const held = await fetch(`${session.url}hold`, { signal: leaving.signal })
    client.platform.clock.advance(3_600_000)
    expect(await (await client.call(`/backend/${session.name}/status`)).json()).toMatchObject({
      state: 'Ready',
    })
    leaving.abort()
    await held.body?.cancel().catch(() => {})
    await vi.waitFor(async () => {
      client.platform.clock.advance(300_000)
      expect((await (await client.call(`/backend/${session.name}/status`)).json()).state).toBe('Swept')
    }, 10_000)
  })

  it('Lost when the platform lost track of it', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready()
    client.platform.faults.lose(session.name)
    expect((await client.until(session)).at(-1)).toBe('Lost')
  })
})

describe('the end of a backend', () => {
  it('ends all its processes, even one that ignores SIGTERM, before its lock is free', async () => {
    const clock = new FakeClock()
    const client = new Client(await startPlatform({ clock }))
    const session = await client.ready({ lock: 'doc', env: { GRANDCHILD: '1' } })
    const [leader = 0, grandchild = 0] = processesWith(`SESSION_BACKEND_ID=${session.name}`)
    await client.terminate(session)
    await ended(leader)
    expect(runs(grandchild)).toBe(true)
    expect(await (await client.fetchLock('doc')).json()).toMatchObject({ name: session.name })
    clock.advance(9_999)
    expect(runs(grandchild)).toBe(true)
    clock.advance(1)
    await ended(grandchild)
    expect((await client.until(session)).at(-1)).toBe('Terminated')
    expect((await client.fetchLock('doc')).status).toBe(404)
  })

  it('comes when its leader dies, with everything that the leader started', async () => {
    const client = new Client(await startPlatform())
    const session = await client.ready({ env: { GRANDCHILD: '1' } })
    const [leader = 0, grandchild = 0] = processesWith(`SESSION_BACKEND_ID=${session.name}`)
    process.kill(leader, 'SIGKILL')
    await ended(leader)
    await vi.waitFor(() => {
      client.platform.clock.advance(10_000)
      if (runs(grandchild)) throw new Error('The grandchild still runs.')
    })
    expect((await client.until(session)).at(-1)).toBe('Failed')
  })
})

describe('close', () => {
  it('leaves no process, socket, timer or file behind', async () => {
    const before = openResources()
    const dataDir = tempFolder()
    const platform = await createMockPlatform({ services: { editor: { command: BACKEND } }, dataDir })
    const client = new Client(platform)
    const session = await client.ready()
    await client.spawn({ tag: 'nope' })
    await client.spawn()
    const stream = await client.call(`/backend/${session.name}/status/stream`)
    const held = await fetch(`${session.url}hold`)
    await platform.close()
    expect(await stream.text()).toContain('Terminated')
    await held.text().catch(() => {})
    expect(processesWith(`SESSION_BACKEND_ID=${session.name}`)).toEqual([])
    await released(before)
  })

  it('may be called twice, and by a start that fails', async () => {
    const platform = await startPlatform()
    await Promise.all([platform.close(), platform.close()])
    const { port } = new URL((await startPlatform()).url)
    await expect(createMockPlatform({ port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('close, while a backend answers', () => {
  it('lets through what the backend still says at SIGTERM, as long as that is', async () => {
    const script = `
      const server = require('node:http').createServer((_, response) => {
        response.write('begun')
        process.on('SIGTERM', () => {
          response.end('x'.repeat(2_000_000))
          server.close(() => process.exit(0))
        })
      }).listen(process.env.PORT)`
    const client = new Client(
      await startPlatform({ services: { editor: { command: [process.execPath, '-e', script] } } }),
    )
    const answer = await fetch((await client.ready()).url)
    const [body] = await Promise.all([answer.text(), client.platform.close()])
    expect(body.length).toBe('begun'.length + 2_000_000)
  })
})

describe('close, if a part of it fails', () => {
  it('tells why, and closes the rest', async () => {
    const dataDir = tempFolder()
    const problems: unknown[] = []
    const { url, close } = await startPlatform({ dataDir, onProblem: (problem) => problems.push(problem) })
    rmSync(dataDir, { recursive: true })
    writeFileSync(dataDir, 'a file is in the way')
    await close()
    expect(problems).toContainEqual(expect.objectContaining({ code: 'EEXIST' }))
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })
})

describe('a platform with a data directory', () => {
  it('goes on with higher fencing tokens, also when the clock was set back', async () => {
    const dataDir = tempFolder()
    const tokens: number[] = []
    const now = vi.spyOn(Date, 'now')
    onTestFinished(() => now.mockRestore())
    for (const year of [2030, 2020, 2025]) {
      now.mockReturnValue(Date.UTC(year))
      const client = new Client(await startPlatform({ dataDir }))
      const { url } = await client.ready({ lock: 'doc' })
      tokens.push(Number((await (await fetch(`${url}env`)).json()).SESSION_BACKEND_FENCING_TOKEN))
      await client.platform.close()
    }
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
    expect(new Set(tokens).size).toBe(3)
  })

  it('is the only one that uses it', async () => {
    const dataDir = tempFolder()
    await startPlatform({ dataDir })
    await expect(createMockPlatform({ dataDir })).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('a service whose files are watched', () => {
  it('ends its backends gracefully when one changes', async () => {
    const folder = tempFolder()
    const services = { editor: { command: BACKEND, watch: [folder] }, other: { command: BACKEND } }
    const client = new Client(await startPlatform({ services }))
    const [session, other] = await Promise.all([client.ready(), client.ready({}, 'other')])
    writeFileSync(join(folder, 'backend.js'), '')
    expect((await client.until(session)).at(-1)).toBe('Terminated')
    expect(await (await client.call(`/backend/${other.name}/status`)).json()).toMatchObject({
      state: 'Ready',
    })
  })

  it('keeps the platform from starting if they cannot be watched, and the error says which and why', async () => {
    const before = openResources()
    const [folder, long] = [tempFolder(), 'x'.repeat(300)]
    const watch = [folder, join(folder, `a${long}`), join(folder, `b${long}`)]
    await expect(
      createMockPlatform({ services: { editor: { command: BACKEND, watch } } }),
    ).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/^`watch` must be paths that can be watched, got ENAMETOOLONG.*[ab]x+/),
    })
    await released(before)
  })
})
