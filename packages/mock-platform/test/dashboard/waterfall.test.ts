import type { Server } from 'node:http'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { BackendView } from '../../src/dashboard/snapshot.ts'
import type { MockPlatform } from '../../src/index.ts'
import { spawn, startPlatform } from '../pages/browser.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`

/** Greets each page over its WebSocket. */
const greeter = (server: Server) => {
  new WebSocketServer({ server }).on('connection', (socket) => socket.send('hello'))
}

async function firstBackend({ dashboardUrl, token }: MockPlatform): Promise<BackendView> {
  const answer = await fetch(`${dashboardUrl}dashboard/state`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return (await answer.json()).backends[0]
}

function routeTo({ url: apiUrl, account, token }: MockPlatform, apiVersion: 1 | 2) {
  const platform = jamsocket({ account, token, apiUrl, apiVersion, service: 'editor' })
  const sessionBackends = createSessionBackends({ platform, authorize: () => true })
  onTestFinished(() => sessionBackends.close())
  return (headers: HeadersInit) =>
    sessionBackends.handle(new Request('http://app.test/api/sessions/doc', { method: 'POST', headers }))
}

describe.each([1, 2] as const)('the waterfall of a backend that a route has spawned by v%i', (version) => {
  it('goes from the click to the first message, in order', async () => {
    const platform = await startPlatform({ services: { editor: { serve: greeter } } })
    const open = routeTo(platform, version)
    const baggage = `session-backend.click=${Date.now() - 50}`
    const { url } = await (await open({ traceparent, baggage })).json()
    const socket = new WebSocket(url)
    await new Promise((resolve) => socket.once('message', resolve))
    socket.close()

    const { waterfall, traceId } = await firstBackend(platform)
    expect(traceId).toBe(TRACE)
    const steps = waterfall.map(({ step }) => step)
    expect(steps.slice(0, 5)).toEqual(['click', 'route', 'authorized', 'spawn', 'Loading'])
    // A client that comes early waits for the start, so its connection may be before `Ready`.
    expect(steps.filter((step) => step !== 'connected').slice(5)).toEqual(['Starting', 'Ready', 'message'])
    expect(steps).toContain('connected')
    const times = waterfall.map(({ time }) => Date.parse(time))
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })

  it('keeps the moments of the one that spawned it', async () => {
    const platform = await startPlatform({ services: { editor: { serve: greeter } } })
    const open = routeTo(platform, version)
    await open({ traceparent })
    const before = (await firstBackend(platform)).waterfall.slice(0, 4)
    await open({ traceparent: traceparent.replace(TRACE, 'f'.repeat(32)) })
    const { waterfall, traceId } = await firstBackend(platform)
    expect([waterfall.slice(0, 4), traceId]).toEqual([before, TRACE])
  })
})

describe('the waterfall', () => {
  const start = () => startPlatform({ services: { editor: { serve: (server) => answer(server) } } })
  const answer = (server: Server) => {
    server.on('request', (_request, response) => void response.end('here'))
  }
  const post = (platform: MockPlatform, headers: Record<string, string>, body: object = {}) =>
    fetch(`${platform.url}/user/acme/service/editor/spawn`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${platform.token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
    }).then((response) => response.json())

  it('is empty for a backend that no route has spawned', async () => {
    const platform = await start()
    await spawn(platform, 'editor', { env: { TRACEPARENT: traceparent } })
    expect(await firstBackend(platform)).toMatchObject({ waterfall: [], traceId: null })
  })

  it('takes the head of an answer for the first message of a backend that speaks HTTP', async () => {
    const platform = await start()
    const { url } = await post(platform, { baggage: `session-backend.route=${Date.now()}` })
    await (await fetch(url)).text()
    await vi.waitFor(async () =>
      expect((await firstBackend(platform)).waterfall.at(-1)).toMatchObject({ step: 'message' }),
    )
  })

  it.each([
    ['the future', () => Date.now() + 3_600_000],
    ['another day', () => Date.now() - 86_400_000],
  ])('leaves out what a client dates to %s', async (_, time) => {
    const platform = await start()
    await post(platform, { baggage: `session-backend.click=${time()},session-backend.route=${Date.now()}` })
    const { waterfall } = await firstBackend(platform)
    expect(waterfall.slice(0, 2).map(({ step }) => step)).toEqual(['route', 'Loading'])
  })

  it('shows no text of a client’s', async () => {
    const platform = await start()
    const baggage = `session-backend.route=${Date.now()},session-backend.click=<b>planted</b>,planted=1`
    await post(platform, { baggage }, { env: { TRACEPARENT: '00-planted' } })
    const backend = await firstBackend(platform)
    expect(backend.traceId).toBeNull()
    expect(JSON.stringify(backend)).not.toContain('planted')
  })
})
