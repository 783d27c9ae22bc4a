import { systemClock } from '@session-backend/core/internal'
import { describe, expect, it, vi } from 'vitest'
import { createControlEndpoint } from '../../../backend/src/control/endpoint.ts'
import type { MockPlatform } from '../../src/index.ts'
import { type Serve, spawn, startPlatform } from '../pages/browser.ts'

const KEY = Buffer.alloc(32, 7).toString('base64url')
const STATS = { connections: 2, failedSaves: 0, unsavedSince: undefined }

/** A program that answers control requests as `runBackend` does. */
const room: Serve = (server, { env }) => {
  const key = Buffer.from(env.SESSION_BACKEND_CONTROL_KEY ?? '', 'base64url')
  const identity = { name: env.SESSION_BACKEND_ID ?? '', key }
  const actions = { revoke: () => {}, receiveFromApp: async () => {}, stats: STATS }
  const control = createControlEndpoint(identity, actions, systemClock)
  server.on('request', (request, response) => {
    if (!control(request, response)) response.end('a page')
  })
}

/** A program that answers everything with a text. */
const answering =
  (text: string): Serve =>
  (server) =>
    void server.on('request', (_request, response) => response.end(text))

/** Spawns a backend, and resolves to what the dashboard tells of its room once it is Ready. */
async function statsOf(platform: MockPlatform, service: string, env: Record<string, string>) {
  const { name } = await spawn(platform, service, { env })
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${platform.token}` }
    return (await fetch(`${platform.dashboardUrl}dashboard/${path}`, { headers })).json()
  }
  await vi.waitFor(async () => expect((await ask('state')).backends[0].statuses.at(-1).state).toBe('Ready'))
  const { stats } = await ask(`backends/${name}/stats`)
  return { stats, view: (await ask('state')).backends[0] }
}

describe("a room's stats on the dashboard", () => {
  it('are its own numbers, by a request that counts as nobody’s visit', async () => {
    const platform = await startPlatform({ services: { room: { serve: room } } })
    platform.clock.advance(3_600_000)
    const { stats, view } = await statsOf(platform, 'room', { SESSION_BACKEND_CONTROL_KEY: KEY })
    expect(stats).toEqual({ connections: 2, failedSaves: 0 })
    expect(view.connections).toBe(0)
    expect(JSON.stringify(view)).not.toContain(KEY)
  })

  it.each<[string, Serve, Record<string, string>]>([
    ['has no control key', room, {}],
    ['answers with a page', answering('<p>hello'), { SESSION_BACKEND_CONTROL_KEY: KEY }],
    ['answers with more than 16 kB', answering('1'.repeat(20_000)), { SESSION_BACKEND_CONTROL_KEY: KEY }],
    ['answers with other JSON', answering('[1]'), { SESSION_BACKEND_CONTROL_KEY: KEY }],
  ])('are null if the backend %s', async (_, serve, env) => {
    const platform = await startPlatform({ services: { room: { serve } } })
    expect((await statsOf(platform, 'room', env)).stats).toBeNull()
  })

  it('are at most 20 numbers, and nothing else that the program says', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => ['n'.repeat(i + 1), i]))
    const text = JSON.stringify({ '<b>': 1, text: 'x', ...many })
    const platform = await startPlatform({ services: { room: { serve: answering(text) } } })
    const { stats } = await statsOf(platform, 'room', { SESSION_BACKEND_CONTROL_KEY: KEY })
    expect(stats).toEqual(Object.fromEntries(Object.entries(many).slice(0, 20)))
  })
})
