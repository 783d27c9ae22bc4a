import { describe, expect, it } from 'vitest'
import type { BackendView, Snapshot } from '../../src/dashboard/snapshot.ts'
import type { MockPlatform } from '../../src/index.ts'
import { ClientV2 } from '../http/v2/client.ts'
import { holdOpen } from '../pages/browser.ts'
import { Client, startPlatform } from '../support/platform.ts'

/** Holds each request until its client leaves. */
const hold = {
  serve: (server: import('node:http').Server) =>
    void server.on('request', (_request, response) => void response.write('held')),
}

const services = {
  editor: { ...hold, tags: { next: hold } },
  broken: { serve: () => Promise.reject(new Error('The setting COLOR is missing.')) },
}

/** Asks the dashboard, as its page does. */
async function ask(platform: MockPlatform, path: string, body?: object) {
  return fetch(`${platform.dashboardUrl}dashboard/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${platform.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

async function snapshotOf(platform: MockPlatform): Promise<Snapshot> {
  return (await ask(platform, 'state')).json()
}

const namesOf = (backends: readonly BackendView[]) => backends.map(({ name }) => name)

describe('the dashboard’s snapshot', () => {
  it('lists live backends in the order of their start, then ended ones with the latest end first', async () => {
    const platform = await startPlatform({ services })
    const client = new Client(platform)
    const sessions = [await client.ready(), await client.ready(), await client.ready(), await client.ready()]
    const [first, second, third, fourth] = sessions.map(({ name }) => name)
    for (const index of [2, 0]) {
      const [session] = sessions.slice(index)
      if (!session) continue
      await client.terminate(session)
      await client.until(session)
    }
    const { backends, ended } = await snapshotOf(platform)
    expect(namesOf(backends)).toEqual([second, fourth, first, third])
    expect(ended).toBe(2)
  })

  it('says why a backend failed', async () => {
    const platform = await startPlatform({ services })
    const client = new Client(platform)
    await client.until(await client.spawn({}, 'broken'))
    const { backends } = await snapshotOf(platform)
    expect(backends[0]).toMatchObject({
      live: false,
      reason: expect.stringContaining('The setting COLOR is missing.'),
    })
  })

  it('names the users who are connected by v2, and counts those whom no token names', async () => {
    const platform = await startPlatform({ services })
    const client = new ClientV2(platform)
    const leaving = new AbortController()
    for (const [user, signal] of [
      ['ada', undefined],
      ['ada', leaving.signal],
      ['ben', leaving.signal],
      [undefined, undefined],
    ] as const) {
      const { url } = await client.connect({ key: 'doc', ...(user && { user }) }, 'editor')
      await holdOpen(url, { ...(signal && { signal }) })
    }
    const connected = async () => {
      const { connections, people } = (await snapshotOf(platform)).backends[0] ?? {}
      return { connections, people }
    }
    expect(await connected()).toEqual({
      connections: 4,
      people: [
        { user: 'ada', connections: 2 },
        { user: 'ben', connections: 1 },
      ],
    })
    leaving.abort()
    await expect.poll(connected).toEqual({ connections: 2, people: [{ user: 'ada', connections: 1 }] })
  })

  it('says how many live backends of a service run which tag', async () => {
    const platform = await startPlatform({ services })
    const client = new Client(platform)
    await client.ready()
    await client.ready({ tag: 'next' })
    await client.ready({ tag: 'next' })
    const { services: views } = await snapshotOf(platform)
    const oldest = expect.stringMatching(/^\d{4}-/)
    expect(views).toEqual([
      {
        name: 'editor',
        tags: [
          { tag: null, backends: 1, oldest },
          { tag: 'next', backends: 2, oldest },
        ],
        warm: null,
      },
      { name: 'broken', tags: [], warm: null },
    ])
  })

  it('says how many backends a warm pool should have and has, and why the last one failed', async () => {
    const command = [process.execPath, '-e', 'process.exit(3)'] as const
    const platform = await startPlatform({ services: { editor: { command, warm: 2 } } })
    await expect
      .poll(async () => (await snapshotOf(platform)).services[0]?.warm)
      .toMatchObject({ wanted: 2, warm: 0, problem: 'exited with code 3' })
  })
})

describe('the dashboard’s changes', () => {
  it('take back one fault and leave the others', async () => {
    const platform = await startPlatform({ services })
    platform.faults.add({ kind: 'hang', endpoint: 'spawn' })
    platform.faults.add({ kind: 'garbage', endpoint: 'auth' })
    const [first] = (await snapshotOf(platform)).faults
    expect(await (await ask(platform, 'faults/remove', { id: first?.id })).json()).toEqual({ removed: true })
    expect(platform.faults.active.map(({ fault }) => fault.kind)).toEqual(['garbage'])
    expect(await (await ask(platform, 'faults/remove', { id: first?.id })).json()).toEqual({ removed: false })
  })

  it('add a fault that strikes until it is removed', async () => {
    const platform = await startPlatform({ services })
    const fault = { kind: 'status', endpoint: 'auth', status: 503, times: null }
    expect((await ask(platform, 'faults/add', { fault })).status).toBe(200)
    expect(platform.faults.active[0]?.fault.times).toBe(Number.POSITIVE_INFINITY)
  })

  it('move the platform’s clock, so that an idle backend is stopped', async () => {
    const platform = await startPlatform({ services })
    const client = new Client(platform)
    const session = await client.ready({ grace_period_seconds: 600 })
    const before = platform.clock.now()
    expect((await ask(platform, 'clock/advance', { ms: 600_000 })).status).toBe(200)
    expect(platform.clock.now()).toBeGreaterThanOrEqual(before + 600_000)
    expect(await client.until(session)).toContain('Swept')
  })

  it.each([0, -1, 86_400_001, '1', null])('refuse to move the clock by %j ms', async (ms) => {
    const platform = await startPlatform({ services })
    expect((await ask(platform, 'clock/advance', { ms })).status).toBe(400)
  })
})
