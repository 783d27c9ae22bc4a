// @vitest-environment jsdom
import { act } from '@testing-library/react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SessionBackendProvider } from '../../src/hooks/provider.tsx'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import { createWorld, sessionOf, type World } from '../support/world.ts'

afterEach(() => vi.restoreAllMocks())

const initialSession = sessionOf('a', 'Starting')

function App({ world, prefetched }: { world: World; prefetched: boolean }) {
  return (
    <SessionBackendProvider endpoint="/api/sessions" fetch={world.options.fetch}>
      <Status prefetched={prefetched} />
    </SessionBackendProvider>
  )
}

function Status({ prefetched }: { prefetched: boolean }) {
  const session = useSessionBackend('doc', prefetched ? { initialSession } : {})
  return <p>{`${session.phase} ${session.status ?? 'nothing known'}`}</p>
}

describe.each([
  [false, 'requesting nothing known'],
  [true, 'waiting Starting'],
])('rendered on a server, with a session from there: %s', (prefetched, text) => {
  it('shows the initial session, and does no I/O', () => {
    const world = createWorld()
    expect(renderToString(<App world={world} prefetched={prefetched} />)).toContain(text)
    expect(world.exchanges).toEqual([])
    expect(world.timers()).toBe(0)
  })

  it('is hydrated without a warning, and continues from there', async () => {
    const complain = vi.spyOn(console, 'error')
    const world = createWorld()
    const app = <App world={world} prefetched={prefetched} />
    const container = document.createElement('div')
    container.innerHTML = renderToString(app)
    const problems: unknown[] = []
    const root = await act(async () =>
      hydrateRoot(container, app, { onRecoverableError: (error) => problems.push(error) }),
    )
    expect(container.textContent).toBe(text)
    expect([problems, complain.mock.calls]).toEqual([[], []])
    expect(world.exchanges.map(({ method, url }) => `${method} ${url}`)).toEqual(
      prefetched ? [`GET ${initialSession.statusUrl}/stream`] : ['POST /api/sessions/doc'],
    )
    await act(async () => root.unmount())
  })
})

it('a session from the server is used once, and the next opening requests another', async () => {
  const world = createWorld()
  const container = document.createElement('div')
  const app = <App world={world} prefetched={true} />
  container.innerHTML = renderToString(app)
  const root = await act(async () => hydrateRoot(container, app))
  expect(world.posts()).toEqual([])
  await act(async () => root.unmount())
  await vi.waitFor(() => expect(world.open()).toEqual([]))
})

function Looker() {
  return <p>{useSessionBackend('doc', { enabled: false, endpoint: '/api/sessions' }).phase}</p>
}

describe('a hook that is not enabled, on a server', () => {
  it('is idle, as at the first render in the browser', () => {
    expect(renderToString(<Looker />)).toBe('<p>idle</p>')
  })
})
