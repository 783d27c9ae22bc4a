// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { Component, type ReactNode, StrictMode, Suspense } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, it, vi } from 'vitest'
import { SessionBackendProvider } from '../../src/hooks/provider.tsx'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import { useSuspenseSessionBackend } from '../../src/hooks/use-suspense-session-backend.ts'
import { renderWorld, settle } from '../support/render.tsx'
import { connectDocument } from '../support/steps.ts'
import { sessionOf } from '../support/world.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function Editor({ id = 'doc' }: { id?: string }) {
  const session = useSuspenseSessionBackend(id)
  return <p>{session.phase}</p>
}

class Boundary extends Component<{ children: ReactNode }, { error?: Error | undefined }> {
  override state: { error?: Error | undefined } = {}
  static getDerivedStateFromError(error: Error) {
    return { error }
  }
  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <button type="button" onClick={() => this.setState({ error: undefined })}>
        {error.message}
      </button>
    )
  }
}

async function openEditor(ids = ['doc']) {
  const page = renderWorld(() => (
    <StrictMode>
      <Boundary>
        <Suspense fallback={<p>loading</p>}>
          {ids.map((id) => (
            <Editor key={id} id={id} />
          ))}
        </Suspense>
      </Boundary>
    </StrictMode>
  ))
  await settle()
  return page
}

const text = () => document.body.textContent

it('suspends until the document is connected: one spawn, one socket', async () => {
  const page = await openEditor()
  expect(text()).toBe('loading')
  await connectDocument(page, 'a')
  expect(text()).toBe('connected')
  expect([page.posts(), page.streams(), page.sockets].map((all) => all.length)).toEqual([1, 0, 1])
  await page.passes(5000)
  expect(page.sockets).toMatchObject([{ readyState: 1 }])
})

it('never suspends again when it reconnects', async () => {
  const page = await openEditor()
  await connectDocument(page, 'a')
  await page.does(() => page.sockets[0]?.drop())
  expect(text()).toBe('reconnecting')
  await page.passes(500)
  await page.does(() => page.looks()[0]?.fail())
  await page.passes(2000)
  expect(text()).toBe('reconnecting')
  await connectDocument(page, 'a')
  expect(text()).toBe('connected')
})

it('shows two documents together, even if one takes much longer than the other', async () => {
  const page = await openEditor(['A', 'B'])
  const [a, b] = page.posts()
  await page.does(() => a?.reply(sessionOf('a', 'Ready')))
  await page.does(() => page.sockets[0]?.open())
  await page.passes(8000)
  expect(text()).toBe('loading')
  await page.does(() => b?.reply(sessionOf('b', 'Ready')))
  await page.does(() => page.sockets[1]?.open())
  expect(text()).toBe('connectedconnected')
  await page.passes(60_000)
  expect(page.posts()).toHaveLength(2)
  page.unmount()
  await page.passes(200)
  expect([page.open(), page.timers()]).toEqual([[], 0])
})

it('shows a document that connects when it has been asked for a minute whether it is still there', async () => {
  const page = await openEditor()
  await page.passes(60_000)
  await page.passes(500)
  await page.does(() => page.posts().at(-1)?.reply(sessionOf('a', 'Ready')))
  await page.does(() => page.sockets[0]?.open())
  expect(text()).toBe('connected')
})

function Light() {
  return <em>{useSessionBackend('doc', { enabled: false }).phase}</em>
}

it('opens the session after React has rendered, so that other components can update', async () => {
  const complain = vi.spyOn(console, 'error').mockReturnValue()
  const page = renderWorld(() => <Light />)
  page.rerender(
    <>
      <Light />
      <Suspense>
        <Editor />
      </Suspense>
    </>,
  )
  await settle()
  expect(text()).toBe('requesting')
  expect(complain.mock.calls).toEqual([])
})

it('throws a failure to the error boundary; a component that mounts again starts over', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  const page = await openEditor()
  await page.does(() => page.posts()[0]?.refuse(403, 'forbidden'))
  expect(text()).toBe('The route says forbidden.')
  await page.passes(1200)
  expect([page.open(), page.timers()]).toEqual([[], 0])
  await page.does(() => document.querySelector('button')?.click())
  expect(text()).toBe('loading')
  await connectDocument(page, 'a')
  expect(text()).toBe('connected')
})

it('closes the session when the suspended component is gone', async () => {
  const page = await openEditor()
  page.unmount()
  await page.passes(60_000)
  await page.passes(1000)
  await page.passes(200)
  expect([page.open(), page.timers()]).toEqual([[], 0])
})

it('sends the fallback from a server', () => {
  const html = renderToString(
    <SessionBackendProvider endpoint="/api/sessions">
      <Suspense fallback={<p>loading</p>}>
        <Editor />
      </Suspense>
    </SessionBackendProvider>,
  )
  expect(html).toContain('<p>loading</p>')
})
