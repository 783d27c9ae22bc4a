// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { Document, openDocument, renderWorld, type Seen, settle } from '../support/render.tsx'
import { connectDocument, endBackend, openUntilConnected } from '../support/steps.ts'
import { sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

describe('requesting', () => {
  it("asks the app's route for the document's session", async () => {
    const page = openDocument()
    expect(page.session).toMatchObject({ phase: 'requesting', status: undefined, error: undefined })
    expect(page.posts()).toMatchObject([{ url: '/api/sessions/doc', method: 'POST' }])
  })

  it('waits as long as the server asks, and shows the failure until then', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(503, 'platform_busy', { 'retry-after': '7' }))
    expect(page.session).toMatchObject({ phase: 'requesting', error: { code: 'platform_busy' } })
    await page.passes(7000)
    expect(page.posts()).toHaveLength(1)
    await page.passes(500)
    expect(page.posts()).toHaveLength(2)
    await page.does(() => page.posts()[1]?.reply(sessionOf('a')))
    expect(page.session).toMatchObject({ phase: 'waiting', error: undefined })
  })

  it.each([502, 504, 522])('asks again after the %i of a proxy in front of the app', async (status) => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply('<html>', status))
    expect(page.session).toMatchObject({ phase: 'requesting', error: { status } })
    await page.passes(500)
    expect(page.posts()).toHaveLength(2)
  })

  it('asks again when the network fails, or after 30 s without an answer', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.fail())
    expect(page.session).toMatchObject({ phase: 'requesting', error: { code: 'platform_error' } })
    await page.passes(500)
    await page.passes(30_000)
    expect(page.session).toMatchObject({ phase: 'requesting', error: { code: 'platform_timeout' } })
    await page.passes(1000)
    expect(page.posts()).toHaveLength(3)
    expect(page.open()).toEqual(['/api/sessions/doc'])
  })
})

describe('waiting', () => {
  it('shows the status at once, and each step that the backend takes', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    expect(page.session).toMatchObject({ phase: 'waiting', status: 'Loading', name: 'a' })
    expect(page.streams()).toMatchObject([{ url: 'https://api.example.test/backend/a/status/stream' }])
    await page.does(() => page.streams()[0]?.tell('Loading', 'Starting'))
    expect(page.session).toMatchObject({ phase: 'waiting', status: 'Starting' })
    expect(page.sockets).toEqual([])
  })

  it('tells when each status was reached', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => {
      const stream = page.streams()[0]
      stream?.send({ data: JSON.stringify({ state: 'Loading', time: timeAt(0) }) })
      stream?.send({ data: JSON.stringify({ state: 'Starting', time: timeAt(120) }) })
    })
    expect(page.session.timeline).toEqual({
      backend: 'a',
      statuses: [
        { state: 'Loading', time: timeAt(0), elapsed: 0 },
        { state: 'Starting', time: timeAt(120), elapsed: 120 },
      ],
    })
  })
})

describe('connecting', () => {
  it('connects as soon as the backend is Ready', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.tell('Loading', 'Starting', 'Ready'))
    expect(page.session).toMatchObject({ phase: 'connecting', status: 'Ready', connection: undefined })
    expect(page.sockets).toMatchObject([{ url: 'wss://a.example.test/secret/' }])
  })

  it('connects at once to a backend that is Ready, without a stream', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready', false)))
    expect(page.sockets).toHaveLength(1)
    expect(page.streams()).toEqual([])
  })

  it('abandons a connection that takes longer than 30 s', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    await page.passes(30_000)
    expect(page.session).toMatchObject({ phase: 'connecting', error: { code: 'connection_failed' } })
    expect(page.sockets).toMatchObject([{ readyState: 3 }])
  })
})

describe('connected', () => {
  it('has the connection', async () => {
    const page = await openUntilConnected()
    expect(page.session).toMatchObject({
      phase: 'connected',
      status: 'Ready',
      name: 'a',
      url: 'https://a.example.test/secret/',
      error: undefined,
    })
    expect(page.session.connection).toBeDefined()
  })

  it('has no stream open', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.tell('Loading', 'Ready'))
    expect(page.streams()).toMatchObject([{ isOpen: false }])
    await page.does(() => page.sockets[0]?.open())
    await page.passes(600_000)
    expect(page.open()).toEqual(['wss://a.example.test/secret/'])
  })
})

describe('reconnecting', () => {
  it('reads the status within 100 ms, then asks the route, and goes on with the same connection', async () => {
    const page = await openUntilConnected()
    const { connection } = page.session
    await page.does(() => page.sockets[0]?.drop())
    expect(page.session).toMatchObject({
      phase: 'reconnecting',
      error: { code: 'connection_failed' },
      url: undefined,
    })
    expect(page.session.connection).toBe(connection)
    await page.passes(100)
    expect(page.looks()).toMatchObject([{ url: 'https://api.example.test/backend/a/status' }])
    expect(page.posts()).toHaveLength(1)
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    expect(page.posts()).toHaveLength(2)
    await connectDocument(page, 'a')
    expect(page.session).toMatchObject({ phase: 'connected', error: undefined })
    expect(page.session.connection).toBe(connection)
  })
})

describe('ended', () => {
  it('by disconnect(), which closes everything and stays', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.session.disconnect())
    expect(page.session).toMatchObject({ phase: 'ended', error: undefined, url: undefined })
    expect(page.open()).toEqual([])
    await page.passes(120_000)
    expect(page.session.phase).toBe('ended')
    expect(page.exchanges).toHaveLength(1)
  })

  it('by a backend that exits by itself: its work is done', async () => {
    const page = await openUntilConnected()
    await endBackend(page, 'Exited')
    expect(page.session).toMatchObject({
      phase: 'ended',
      status: 'Exited',
      error: { code: 'backend_ended' },
    })
    expect(page.open()).toEqual([])
  })

  it('until retry() or reconnect()', async () => {
    const page = await openUntilConnected()
    for (const again of ['retry', 'reconnect'] as const) {
      await page.does(() => page.session.disconnect())
      await page.does(() => page.session[again]())
      expect(page.session.phase).toBe('reconnecting')
      await connectDocument(page, 'a')
      expect(page.session.phase).toBe('connected')
    }
  })
})

describe('failed', () => {
  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [400, 'bad_request'],
    [500, 'platform_misconfigured'],
  ])('when the route answers %i %s: nothing is asked again', async (status, code) => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(status, code))
    expect(page.session).toMatchObject({
      phase: 'failed',
      connection: undefined,
      error: { code, status, message: `The route says ${code}.` },
    })
    await page.passes(120_000)
    expect(page.exchanges).toHaveLength(1)
    expect(page.timers()).toBe(0)
  })

  it("if the id can't be part of a URL, and throws nothing while rendering", async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document id={'half \ud83d'} seen={seen} />)
    await settle()
    expect(seen.sessions.at(-1)).toMatchObject({ phase: 'failed', error: { code: 'bad_request' } })
    expect(page.exchanges).toEqual([])
  })

  it('until retry()', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(401, 'unauthenticated'))
    await page.does(() => page.session.retry())
    expect(page.session).toMatchObject({ phase: 'requesting', error: undefined })
    await connectDocument(page, 'a')
    expect(page.session.phase).toBe('connected')
  })

  it.each([
    [4401, 'unauthenticated'],
    [4403, 'forbidden'],
    [1003, 'bad_request'],
    [1007, 'bad_request'],
    [1009, 'payload_too_large'],
    [4422, 'internal'],
  ])('when the backend closes the connection with %i: %s', async (closeCode, code) => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop(closeCode))
    expect(page.session).toMatchObject({ phase: 'failed', error: { code } })
    expect(page.open()).toEqual([])
  })
})
