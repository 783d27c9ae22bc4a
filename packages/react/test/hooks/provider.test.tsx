// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { UseSessionBackendOptions } from '../../src/hooks/options.ts'
import { SessionBackendProvider, type SessionBackendProviderProps } from '../../src/hooks/provider.tsx'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import { relayStatus } from '../../src/status/relay-status.ts'
import { Document, renderWorld, type Seen, settle } from '../support/render.tsx'
import { connectDocument } from '../support/steps.ts'
import { createWorld, sessionOf } from '../support/world.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function Page({ options = {}, hook: useDocument = useSessionBackend }: PageProps) {
  return <p>{useDocument('doc', options).phase}</p>
}

interface PageProps {
  options?: UseSessionBackendOptions
  /** Of another copy of the package. */
  hook?: typeof useSessionBackend
}

function renderProvider(props: SessionBackendProviderProps, options?: UseSessionBackendOptions) {
  const world = createWorld()
  render(
    <SessionBackendProvider endpoint="/api/sessions" fetch={world.options.fetch} {...props}>
      <Page {...(options && { options })} />
    </SessionBackendProvider>,
  )
  return world
}

describe('the provider', () => {
  it('names the endpoint', () => {
    expect(renderProvider({ endpoint: '/elsewhere' }).exchanges[0]?.url).toBe('/elsewhere/doc')
  })

  it('is overridden by the options of a hook, except by those that are undefined', async () => {
    const world = renderProvider(
      { credentials: 'include', headers: { 'x-from': 'provider' } },
      { headers: { 'x-from': 'hook' }, credentials: undefined },
    )
    await settle()
    expect(world.exchanges[0]?.headers.get('x-from')).toBe('hook')
    expect(world.exchanges[0]?.credentials).toBe('include')
  })

  it('is found by the hooks of a second copy of the package', async () => {
    vi.resetModules()
    const copy = await import('../../src/hooks/use-session-backend.ts')
    expect(copy.useSessionBackend).not.toBe(useSessionBackend)
    const world = createWorld()
    render(
      <SessionBackendProvider endpoint="/elsewhere" fetch={world.options.fetch}>
        <Page hook={copy.useSessionBackend} />
      </SessionBackendProvider>,
    )
    expect(world.exchanges[0]?.url).toBe('/elsewhere/doc')
  })

  it.each(['/elsewhere/', '/elsewhere'])(
    'names the endpoint with or without a slash at its end: %s',
    (endpoint) => {
      expect(renderProvider({ endpoint }).exchanges[0]?.url).toBe('/elsewhere/doc')
    },
  )

  it('is required if no option names an endpoint, and the error says what to do', () => {
    vi.spyOn(console, 'error').mockReturnValue()
    expect(() => render(<Page />)).toThrow(/wrap the app in <SessionBackendProvider endpoint=/)
  })

  it('asks for headers before each request, so that each has a fresh token', async () => {
    let token = 0
    const world = renderProvider({ headers: async () => ({ authorization: `Bearer ${++token}` }) })
    await settle()
    expect(world.exchanges[0]?.headers.get('authorization')).toBe('Bearer 1')
    world.exchanges[0]?.refuse(503, 'platform_busy')
    await vi.waitFor(() => expect(world.exchanges[1]?.headers.get('authorization')).toBe('Bearer 2'))
  })

  it("sends the app's headers and credentials to the app's route, and never to the platform", async () => {
    const world = renderProvider({ headers: { authorization: 'Bearer 1' }, credentials: 'include' })
    await settle()
    world.exchanges[0]?.reply(sessionOf('a'))
    await settle()
    const [route, platform] = world.exchanges
    expect(route?.headers.get('authorization')).toBe('Bearer 1')
    expect(platform?.url).toMatch(/^https:\/\/api\.example\.test/)
    expect(platform?.headers.has('authorization')).toBe(false)
    expect(platform?.credentials).toBeUndefined()
  })

  it('follows the status through the route with relayStatus, headers and credentials included', async () => {
    const world = renderProvider({
      headers: { authorization: 'Bearer 1' },
      credentials: 'include',
      statusSource: relayStatus,
    })
    await settle()
    world.exchanges[0]?.reply(sessionOf('a'))
    await settle()
    expect(world.exchanges[1]).toMatchObject({ url: '/api/sessions/doc/status', credentials: 'include' })
    expect(world.exchanges[1]?.headers.get('authorization')).toBe('Bearer 1')
  })
})

it('sends the headers of the last render, also when a stream of the relay reconnects', async () => {
  const world = createWorld()
  world.options.statusSource = relayStatus
  const seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={seen} headers={{ token: 'first' }} />, world)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  page.rerender(<Document seen={seen} headers={{ token: 'second' }} />)
  await page.does(() => page.streams()[0]?.fail())
  await page.passes(500)
  expect(page.streams().map(({ headers }) => headers.get('token'))).toEqual(['first', 'second'])
})

describe('a provider inside another one', () => {
  const open = async (inner: Partial<SessionBackendProviderProps>) => {
    const world = createWorld()
    const page = render(
      <SessionBackendProvider endpoint="/api/sessions" fetch={world.options.fetch}>
        <Page />
        <SessionBackendProvider {...inner}>
          <Page />
        </SessionBackendProvider>
      </SessionBackendProvider>,
    )
    await settle()
    page.unmount()
    return world.posts().map(({ url }) => url)
  }

  it('shares the sessions of the outer one, so that a document has one connection', async () => {
    expect(await open({})).toEqual(['/api/sessions/doc'])
    expect(await open({ endpoint: '/api/sessions/', statusSource: relayStatus })).toHaveLength(1)
  })

  it('keeps its sessions to itself if its requests differ, because the user may be another one', async () => {
    expect(await open({ headers: { authorization: 'Bearer 2' } })).toHaveLength(2)
    expect(await open({ credentials: 'omit' })).toHaveLength(2)
  })
})

describe('without a document', () => {
  it.each([null, undefined, ''])('(%j) nothing is opened, and the phase is `idle`', async (id) => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document id={id} seen={seen} />)
    const [session] = seen.sessions
    await page.does(() => {
      for (const name of ['retry', 'reconnect', 'disconnect'] as const) session?.[name]()
    })
    expect(seen.sessions.map(({ phase }) => phase)).toEqual(['idle'])
    expect([page.exchanges, page.timers()]).toEqual([[], 0])
  })

  it('the last document is closed, and the next one is opened once there is an id', async () => {
    const seen: Seen = { sessions: [] }
    const page = renderWorld(() => <Document id={undefined} seen={seen} />)
    page.rerender(<Document id="doc" seen={seen} />)
    await connectDocument(page, 'a')
    expect(seen.sessions.at(-1)?.phase).toBe('connected')
    page.rerender(<Document id={null} seen={seen} />)
    await page.passes(200)
    expect(seen.sessions.at(-1)?.phase).toBe('idle')
    expect([page.open(), page.timers()]).toEqual([[], 0])
  })
})

function Light({ id = 'doc' }: { id?: string }) {
  const session = useSessionBackend(id, { enabled: false })
  return <em>{`${session.phase} ${session.status}`}</em>
}

describe('a hook that is not enabled', () => {
  const light = () => document.querySelector('em')?.textContent

  it('opens nothing', () => {
    const page = renderWorld(() => <Light />)
    expect(light()).toBe('idle undefined')
    expect(page.exchanges).toEqual([])
  })

  it('shows the session that another component has open, as long as it does', async () => {
    const page = renderWorld(() => [<Light key="light" />])
    page.rerender([<Light key="light" />, <Document key="doc" seen={{ sessions: [] }} />])
    await settle()
    expect(light()).toBe('requesting undefined')
    await connectDocument(page, 'a')
    expect(light()).toBe('connected Ready')
    page.rerender([<Light key="light" />])
    await page.passes(200)
    expect(light()).toBe('idle undefined')
    expect(page.open()).toEqual([])
  })

  it('does not follow another document', async () => {
    const page = renderWorld(() => [
      <Light key="light" id="other" />,
      <Document key="doc" seen={{ sessions: [] }} />,
    ])
    await connectDocument(page, 'a')
    expect(light()).toBe('idle undefined')
  })
})
