import type { Serve } from '@session-backend/mock-platform'
import { describe, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { WebSocketConnection } from '../src/connection/web-socket.ts'
import type { UseSessionBackendResult } from '../src/session/result.ts'
import { pollStatus } from '../src/status/poll-status.ts'
import { relayStatus } from '../src/status/relay-status.ts'
import { fastClock, openSession, startApp } from './support/app.ts'

const WAIT = { timeout: 10_000, interval: 5 }

/** Says what it is told; ends when it is told to. */
const echo: Serve = (server, { exit }) => {
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => {
      const text = String(data)
      if (text === 'crash') exit(1)
      else if (text === 'exit') exit(0)
      else if (text === 'close') socket.terminate()
      else if (text === 'refuse') socket.close(4403, 'you have been removed')
      else socket.send(text)
    })
  })
}

const phase = (page: { session: UseSessionBackendResult<unknown> }, expected: string) =>
  vi.waitFor(() => expect(page.session.phase).toBe(expected), WAIT)

function connectionOf({ session }: { session: UseSessionBackendResult<unknown> }): WebSocketConnection {
  if (session.connection instanceof WebSocketConnection) return session.connection
  throw new Error(`There is no connection while ${session.phase}.`)
}

describe('against a real platform', () => {
  it('starts a backend, follows it, connects, and exchanges messages', async () => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint)
    await phase(page, 'connected')
    expect(page.seen.at(-1)).toBe('connected Ready')
    expect(page.session.timeline?.statuses.map(({ state }) => state)).toEqual([
      'Loading',
      'Starting',
      'Ready',
    ])
    const received: unknown[] = []
    connectionOf(page).subscribe((message) => received.push(message))
    connectionOf(page).send('hello')
    await vi.waitFor(() => expect(received).toHaveLength(1), WAIT)
    expect(received).toEqual(['hello'])
  })

  it.each([
    ['the status stream comes byte by byte', { kind: 'split', endpoint: 'status/stream' }],
    ['the status stream is cut', { kind: 'cut', endpoint: 'status/stream', bytes: 30 }],
    ['the status stream is refused for a while', { kind: 'status', endpoint: 'status/stream', status: 503 }],
    ['spawning is reset', { kind: 'reset', endpoint: 'spawn', times: 3 }],
    ['the backend is slow to start', { kind: 'slow-start', ms: 200 }],
  ] as const)('connects although %s', async (_, fault) => {
    const { endpoint, platform } = await startApp(echo)
    const active = platform.faults.add(fault)
    const page = openSession(endpoint)
    await phase(page, 'connected')
    expect(active.strikes).toBeGreaterThan(0)
  })

  it('reconnects to the same backend when the socket is lost, and sends what was queued in between', async () => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint)
    await phase(page, 'connected')
    const { name } = page.session
    const connection = connectionOf(page)
    const received: unknown[] = []
    connection.subscribe((message) => received.push(message))
    connection.send('close')
    await phase(page, 'reconnecting')
    for (const message of ['one', 'two', 'three']) connection.send(message)
    await phase(page, 'connected')
    expect(page.session).toMatchObject({ name, connection })
    await vi.waitFor(() => expect(received).toEqual(['one', 'two', 'three']), WAIT)
  })

  it('replaces a backend that crashes, until it is a crash loop; retry() starts over', async () => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint, { clock: fastClock(20) })
    const names = new Set<string | undefined>()
    for (let crash = 0; crash < 4; crash++) {
      await phase(page, 'connected')
      names.add(page.session.name)
      connectionOf(page).send('crash')
      await vi.waitFor(() => expect(page.session.phase).not.toBe('connected'), WAIT)
    }
    await phase(page, 'failed')
    expect(page.session.error).toMatchObject({ code: 'crash_loop' })
    expect(names.size).toBe(4)
    page.session.retry()
    await phase(page, 'connected')
  })

  it('does not replace a backend that exits, and stops if the backend refuses the user', async () => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint)
    await phase(page, 'connected')
    connectionOf(page).send('exit')
    await phase(page, 'ended')
    expect(page.session).toMatchObject({ status: 'Exited', error: { code: 'backend_ended' } })
    page.session.retry()
    await phase(page, 'connected')
    connectionOf(page).send('refuse')
    await phase(page, 'failed')
    expect(page.session.error).toMatchObject({ code: 'forbidden' })
  })

  it('fails if the app denies access', async () => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint, { documentId: 'secret' })
    await phase(page, 'failed')
    expect(page.session.error).toMatchObject({ code: 'forbidden', status: 403 })
  })

  it("tells the cause of a start that failed, through the app's relay", async () => {
    let starts = 0
    let streams = 0
    const { endpoint } = await startApp(async (_, { log }) => {
      starts++
      log('the database is not there')
      await vi.waitFor(() => expect(streams).toBe(starts), WAIT)
      throw new Error('no database')
    })
    // In real time: a stream that brings nothing for 6 s would be given up.
    const page = openSession(endpoint, {
      statusSource: relayStatus,
      async fetch(input, init) {
        const response = await fetch(input, init)
        if (new URL(String(input)).pathname.endsWith('/status')) streams++
        return response
      },
    })
    await phase(page, 'failed')
    expect(page.session).toMatchObject({ error: { code: 'crash_loop' }, status: 'ErrorStarting' })
    expect(page.session.timeline?.log).toContain('the database is not there')
  })

  it.each([
    ["through the app's relay", relayStatus],
    ['by polling', pollStatus],
  ])('follows the status %s', async (_, statusSource) => {
    const { endpoint } = await startApp(echo)
    const page = openSession(endpoint, { statusSource, clock: fastClock(20) })
    await phase(page, 'connected')
    const { name } = page.session
    expect(page.session.timeline?.statuses.at(-1)?.state).toBe('Ready')
    connectionOf(page).send('crash')
    await vi.waitFor(() => expect(page.session.name).not.toBe(name), WAIT)
    await phase(page, 'connected')
  })

  it('closes its socket when nobody is left: the backend is idle, and swept', async () => {
    const { endpoint, platform } = await startApp(echo)
    const page = openSession(endpoint)
    await phase(page, 'connected')
    const { name } = page.session
    page.close()
    await vi.waitFor(async () => {
      platform.clock.advance(300_000)
      const response = await fetch(`${platform.url}/backend/${name}/status`)
      expect(await response.json()).toMatchObject({ state: 'Swept' })
    }, WAIT)
  })
})
