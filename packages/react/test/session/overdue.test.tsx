// @vitest-environment jsdom
import { cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import type { UseSessionBackendResult } from '../../src/session/result.ts'
import { openDocument, renderWorld } from '../support/render.tsx'
import { openUntilConnected } from '../support/steps.ts'
import { sessionOf } from '../support/world.ts'

afterEach(cleanup)

function Impatient({ onOverdue }: { onOverdue: (session: UseSessionBackendResult<unknown>) => void }) {
  useSessionBackend('doc', { overdueAfter: 2000, onOverdue })
  return null
}

describe('a session', () => {
  it('is overdue after 5 s of opening, until it is connected', async () => {
    const page = openDocument()
    await page.passes(4999)
    expect(page.session.overdue).toBe(false)
    await page.passes(1)
    expect(page.session).toMatchObject({ phase: 'requesting', overdue: true })
    await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
    expect(page.session).toMatchObject({ phase: 'connecting', overdue: true })
    await page.does(() => page.sockets[0]?.open())
    expect(page.session).toMatchObject({ phase: 'connected', overdue: false })
  })

  it('is overdue after 5 s without its connection, also if attempts fail in between', async () => {
    const page = await openUntilConnected()
    await page.passes(60_000)
    expect(page.session.overdue).toBe(false)
    await page.does(() => page.sockets[0]?.drop())
    await page.passes(100)
    await page.does(() => page.looks()[0]?.fail())
    await page.passes(4899)
    expect(page.session).toMatchObject({ phase: 'reconnecting', overdue: false })
    await page.passes(1)
    expect(page.session).toMatchObject({ phase: 'reconnecting', overdue: true })
  })

  it('is not overdue while it starts, unless 9 of 10 starts were faster', async () => {
    const page = openDocument()
    const typicalStart = { p50: 8000, p90: 12_000 }
    await page.does(() => page.posts()[0]?.reply({ ...sessionOf('a'), typicalStart }))
    await page.does(() => page.streams()[0]?.tell('Loading'))
    await page.passes(5000)
    await page.passes(6999)
    expect(page.session).toMatchObject({ phase: 'waiting', overdue: false, typicalStart })
    await page.passes(1)
    expect(page.session).toMatchObject({ phase: 'waiting', overdue: true })
  })
})

it('calls onOverdue once for each time that a session becomes overdue, as of the last render', async () => {
  const calls: string[] = []
  const asOf = (name: string) => <Impatient onOverdue={({ phase }) => calls.push(`${name}: ${phase}`)} />
  const page = renderWorld(() => asOf('first render'))
  page.rerender(asOf('second render'))
  await page.passes(1999)
  expect(calls).toEqual([])
  await page.passes(1)
  expect(calls).toEqual(['second render: requesting'])
  await page.passes(10_000)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
  await page.does(() => page.sockets[0]?.open())
  await page.does(() => page.sockets[0]?.drop())
  await page.passes(2000)
  expect(calls).toEqual(['second render: requesting', 'second render: reconnecting'])
})

it('does not call onOverdue of a component that has unmounted', async () => {
  const onOverdue = vi.fn()
  const page = renderWorld(() => <Impatient onOverdue={onOverdue} />)
  page.unmount()
  await page.passes(10_000)
  expect(onOverdue).not.toHaveBeenCalled()
})
