// @vitest-environment jsdom
import { act, cleanup } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { Document, openDocument, renderWorld, type Seen, settle } from '../support/render.tsx'
import { connectDocument, openUntilConnected } from '../support/steps.ts'
import { sessionOf } from '../support/world.ts'

afterEach(cleanup)

/** What is left when nobody wants anything any more. */
const nothing = { open: [], timers: 0 }
const leftOf = (page: { open(): string[]; timers(): number }) => ({
  open: page.open(),
  timers: page.timers(),
})

describe('one document', () => {
  it('in StrictMode is one spawn and one socket', async () => {
    const page = openDocument({ strict: true })
    await connectDocument(page, 'a')
    expect(page.session.phase).toBe('connected')
    expect([page.posts(), page.streams(), page.sockets].map((all) => all.length)).toEqual([1, 0, 1])
  })

  it('in two components is one spawn and one socket, and one connection object', async () => {
    const [one, two]: Seen[] = [{ sessions: [] }, { sessions: [] }]
    const page = renderWorld(() => (
      <>
        <Document seen={one as Seen} />
        <Document seen={two as Seen} />
      </>
    ))
    await connectDocument(page, 'a')
    expect([page.posts(), page.streams(), page.sockets].map((all) => all.length)).toEqual([1, 0, 1])
    expect(one?.sessions.at(-1)).toBe(two?.sessions.at(-1))
    expect(one?.sessions.at(-1)?.phase).toBe('connected')
  })

  it('survives the component that opened it, as long as another shows it', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => [
      <Document key="1" seen={{ sessions: [] }} />,
      <Document key="2" seen={seen} />,
    ])
    await connectDocument(page, 'a')
    page.rerender([<Document key="2" seen={seen} />])
    await page.passes(60_000)
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    expect(page.sockets).toMatchObject([{ readyState: 1 }])
  })

  it('is requested with the options of the first component that still shows it', async () => {
    const [one, two] = ['one', 'two'].map((from) => (
      <Document key={from} headers={{ from }} seen={{ sessions: [] }} />
    ))
    const seen: Seen = { sessions: [] }
    const three = <Document key="three" headers={{ from: 'three' }} seen={seen} />
    const page = renderWorld(() => [one, two, three])
    const reconnect = () => page.does(() => seen.sessions.at(-1)?.reconnect())
    await reconnect()
    page.rerender([two, three])
    await reconnect()
    expect(page.posts().map(({ headers }) => headers.get('from'))).toEqual(['one', 'one', 'two'])
  })

  it('is found again by a component that mounts within 200 ms', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />)
    await connectDocument(page, 'a')
    page.rerender(null)
    await page.passes(199)
    page.rerender(<Document seen={seen} />)
    await page.passes(1000)
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    expect(page.posts()).toHaveLength(1)
  })

  it('is closed 200 ms after the last component has left, and opened again by the next', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document seen={seen} />)
    await connectDocument(page, 'a')
    page.rerender(null)
    await page.passes(200)
    expect(leftOf(page)).toEqual(nothing)
    page.rerender(<Document seen={seen} />)
    expect(seen.sessions.at(-1)).toMatchObject({ phase: 'requesting', status: undefined, name: undefined })
    await connectDocument(page, 'b')
    expect(seen.sessions.at(-1)).toMatchObject({ phase: 'connected', name: 'b' })
  })
})

describe('unmounting', () => {
  it.each([
    ['requesting', 0],
    ['waiting', 1],
    ['connecting', 2],
    ['connected', 3],
    ['reconnecting', 4],
  ])('while %s closes all that is open, and leaves no timer', async (phase, steps) => {
    const page = openDocument({ strict: true })
    const script = [
      () => page.posts()[0]?.reply(sessionOf('a')),
      () => page.streams()[0]?.tell('Loading', 'Ready'),
      () => page.sockets[0]?.open(),
      () => page.sockets[0]?.drop(),
    ]
    for (const step of script.slice(0, steps)) await page.does(step)
    expect(page.session.phase).toBe(phase)
    page.unmount()
    await page.passes(200)
    expect(leftOf(page)).toEqual(nothing)
  })

  it('before the route has answered makes no connection', async () => {
    const page = openDocument()
    page.unmount()
    await page.passes(200)
    page.posts()[0]?.reply(sessionOf('a', 'Ready'))
    await settle()
    expect(page.sockets).toEqual([])
    expect(page.exchanges).toHaveLength(1)
  })

  it('makes the functions of the last session do nothing', async () => {
    const page = await openUntilConnected()
    const { retry, reconnect, disconnect } = page.session
    page.unmount()
    await page.passes(200)
    const { length } = page.exchanges
    for (const act of [retry, reconnect, disconnect]) act()
    await settle()
    expect(page.exchanges).toHaveLength(length)
  })
})

describe('A, then B, then A again', () => {
  it('never shows one in the other, and keeps one socket for each', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => (
      <StrictMode>
        <Document id="A" seen={seen} />
      </StrictMode>
    ))
    const show = (id: string) =>
      page.rerender(
        <StrictMode>
          <Document id={id} seen={seen} />
        </StrictMode>,
      )
    show('B')
    seen.sessions.length = 0
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    await page.does(() => page.posts()[1]?.reply(sessionOf('b', 'Ready')))
    expect(seen.sessions.map(({ name }) => name)).not.toContain('a')
    show('A')
    await act(async () => {})
    expect(seen.sessions.at(-1)).toMatchObject({ name: 'a' })
    await page.passes(200)
    expect(page.sockets.map(({ url, readyState }) => [url, readyState])).toEqual([
      ['wss://a.example.test/secret/', 0],
      ['wss://b.example.test/secret/', 3],
    ])
    expect(page.posts()).toHaveLength(2)
  })
})
