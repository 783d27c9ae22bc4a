// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { usePreloadSessionBackend } from '../../src/hooks/use-preload-session-backend.ts'
import { Document, renderWorld, type Seen } from '../support/render.tsx'
import { sessionOf } from '../support/world.ts'

afterEach(cleanup)

function Link({ seen }: { seen: Seen }) {
  const [isOpen, setOpen] = useState(false)
  const preload = usePreloadSessionBackend()
  if (isOpen) return <Document seen={seen} />
  return (
    <button type="button" onPointerEnter={() => preload('doc')} onClick={() => setOpen(true)}>
      Open
    </button>
  )
}

it('lets a hook that mounts after a hover connect without another request', async () => {
  const seen: Seen = { sessions: [] }
  const page = renderWorld(() => (
    <StrictMode>
      <Link seen={seen} />
    </StrictMode>
  ))
  await page.does(() => fireEvent.pointerEnter(screen.getByRole('button')))
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await page.does(() => page.streams()[0]?.tell('Loading', 'Ready'))
  expect(page.sockets).toEqual([])
  await page.does(() => fireEvent.click(screen.getByRole('button')))
  await page.does(() => page.sockets[0]?.open())
  expect(seen.sessions[0]?.phase).toBe('connecting')
  expect(seen.sessions.at(-1)?.phase).toBe('connected')
  expect(page.posts()).toHaveLength(1)
})

it('lets go of a backend whose link nobody followed within 30 s of the last hover', async () => {
  const page = renderWorld(() => <Link seen={{ sessions: [] }} />)
  const hover = () => page.does(() => fireEvent.pointerEnter(screen.getByRole('button')))
  await hover()
  await page.does(() => page.posts()[0]?.reply(sessionOf('a')))
  await page.does(() => page.streams()[0]?.tell('Loading'))
  await page.passes(10_000)
  await hover()
  await page.passes(29_999)
  expect([page.posts().length, page.open().length]).toEqual([1, 1])
  await page.passes(1)
  expect([page.open(), page.timers()]).toEqual([[], 0])
  const seen: Seen = { sessions: [] }
  page.rerender(<Document seen={seen} />)
  await page.does(() => {})
  expect([seen.sessions[0]?.phase, page.posts().length]).toEqual(['requesting', 2])
})

it('lets go of it too if the component with the link has gone', async () => {
  const page = renderWorld(() => <Link seen={{ sessions: [] }} />)
  await page.does(() => fireEvent.pointerEnter(screen.getByRole('button')))
  await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
  page.rerender(null)
  await page.passes(30_000)
  expect([page.open(), page.timers()]).toEqual([[], 0])
})
