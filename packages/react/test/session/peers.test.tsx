// @vitest-environment jsdom
import { encodeEvent } from '@session-backend/core'
import { cleanup } from '@testing-library/react'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocketConnection } from '../../src/connection/web-socket.ts'
import { SessionBackendProvider } from '../../src/hooks/provider.tsx'
import { Document, openDocument, renderWorld, type Seen, settle } from '../support/render.tsx'
import { connectDocument, endBackend, openUntilConnected } from '../support/steps.ts'
import { createWorld, sessionOf, timeAt } from '../support/world.ts'

afterEach(cleanup)

describe("defects of other clients that the hook doesn't have", () => {
  it('1. a `Ready` event that is cut across chunks is not lost', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    const event = encodeEvent({ data: JSON.stringify({ state: 'Ready', time: timeAt(0) }) })
    for (const character of event) await page.does(() => page.streams()[0]?.write(character))
    expect(page.session).toMatchObject({ phase: 'connecting', status: 'Ready' })
  })

  it('2. a platform that answers 500 is asked less and less often, not 368 times a second', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    for (let second = 0; second < 60; second++) {
      await page.does(() => page.streams().at(-1)?.reply({}, 500))
      await page.passes(1000)
    }
    expect(page.streams().length).toBeLessThan(10)
  })

  it('3. a dropped stream is subscribed to again', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.tell('Loading'))
    await page.does(() => page.streams()[0]?.fail())
    await page.passes(500)
    await page.does(() => page.streams()[1]?.tell('Loading', 'Ready'))
    expect(page.session.phase).toBe('connecting')
  })

  it('4. a backend that ends before it is Ready is reported to the user', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
    await page.does(() => page.streams()[0]?.tell('Exited'))
    expect(page.session).toMatchObject({ phase: 'ended', error: { code: 'backend_ended' } })
  })

  it('5. leaving during the first request leaves no stream open', async () => {
    const page = openDocument()
    page.unmount()
    await page.passes(200)
    page.posts()[0]?.reply(sessionOf('a'))
    await settle()
    expect(page.streams()).toEqual([])
  })

  it('6. late subscribers see the current state; a listener that throws does not stop the others', async () => {
    const late: Seen = { sessions: [] }
    const first = <Document key="first" seen={{ sessions: [] }} />
    const page = renderWorld(() => [first])
    await connectDocument(page, 'a')
    page.rerender([first, <Document key="late" seen={late} />])
    expect(late.sessions[0]).toMatchObject({ phase: 'connected', name: 'a' })

    const connection = new WebSocketConnection(0)
    const received: unknown[] = []
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue()
    connection.subscribe(() => {
      throw new Error('of the first')
    })
    connection.subscribe((message) => received.push(message))
    connection.receive('hello')
    expect(received).toEqual(['hello'])
    expect(later.mock.calls[0]?.[0]).toThrow('of the first')
    later.mockRestore()
  })

  it('8. nothing leaks in StrictMode, or when the document changes at each render', async () => {
    const page = renderWorld(() => null)
    for (let number = 0; number < 20; number++) {
      page.rerender(
        <StrictMode>
          <Document id={`doc-${number}`} seen={{ sessions: [] }} />
        </StrictMode>,
      )
    }
    await page.passes(200)
    expect(page.open()).toEqual(['/api/sessions/doc-19'])
    page.unmount()
    await page.passes(200)
    expect([page.open(), page.timers()]).toEqual([[], 0])
  })

  it('9. a lost connection is no longer connected, and a server renders the children', async () => {
    const page = await openUntilConnected()
    await endBackend(page, 'Failed')
    expect(page.session).toMatchObject({ phase: 'reconnecting', status: 'Failed', url: undefined })
    const html = renderToString(
      <SessionBackendProvider endpoint="/api/sessions">
        <main>the page</main>
      </SessionBackendProvider>,
    )
    expect(html).toBe('<main>the page</main>')
  })
})

describe('what users of comparable systems ask for', () => {
  it('a fresh token on each reconnect: every POST asks `headers` again', async () => {
    let token = 0
    const world = createWorld()
    world.options.headers = () => ({ authorization: `Bearer ${++token}` })
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />, world)
    await connectDocument(page, 'a')
    await page.does(() => seen.sessions.at(-1)?.reconnect())
    expect(page.posts().map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer 1', 'Bearer 2'])
  })

  it('a failed sign-in stops retries, a passing 503 does not: a browser shows both as 1006', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.sockets[0]?.drop(1006))
    await page.passes(500)
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    await page.does(() => page.posts().at(-1)?.refuse(503, 'platform_busy'))
    expect(page.session.phase).toBe('reconnecting')
    await page.passes(60_000)
    await page.does(() => page.posts().at(-1)?.refuse(401, 'unauthenticated'))
    expect(page.session).toMatchObject({ phase: 'failed', error: { code: 'unauthenticated' } })
  })

  it('disconnect() stays disconnected, when another component mounts too', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => [<Document key="1" seen={seen} />])
    await connectDocument(page, 'a')
    await page.does(() => seen.sessions.at(-1)?.disconnect())
    page.rerender([<Document key="1" seen={seen} />, <Document key="2" seen={{ sessions: [] }} />])
    await page.passes(3_600_000)
    expect(seen.sessions.at(-1)?.phase).toBe('ended')
    expect(page.open()).toEqual([])
  })

  it('no "connected" while the backend is dead, although its connection is only plain requests', async () => {
    const world = createWorld()
    world.options.connect = ({ followStatus }) => {
      followStatus()
      return {}
    }
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />, world)
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    await page.does(() => page.streams()[0]?.tell('Ready', 'Terminated'))
    expect(seen.sessions.at(-1)?.phase).toBe('reconnecting')
  })

  it('spawn failures are shown with their cause', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(500, 'platform_misconfigured'))
    expect(page.session.error?.message).toBe('The route says platform_misconfigured.')
  })

  it('no message is lost when a socket is swapped by reconnect()', async () => {
    const page = await openUntilConnected()
    const { connection } = page.session
    if (!(connection instanceof WebSocketConnection)) throw new Error('not connected')
    const received: unknown[] = []
    connection.subscribe((message) => received.push(message))
    await page.does(() => page.session.reconnect())
    connection.send('one')
    connection.send('two')
    await connectDocument(page, 'a')
    expect(page.sockets.map(({ sent }) => sent)).toEqual([[], ['one', 'two']])
    await page.does(() => page.sockets[1]?.receive('answer'))
    expect(received).toEqual(['answer'])
  })
})
