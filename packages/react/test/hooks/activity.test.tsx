// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/react'
import { Activity, StrictMode, Suspense, useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { useSessionBackend } from '../../src/hooks/use-session-backend.ts'
import { useSuspenseSessionBackend } from '../../src/hooks/use-suspense-session-backend.ts'
import { renderWorld } from '../support/render.tsx'
import { connectDocument } from '../support/steps.ts'

afterEach(cleanup)

/** A document with something that the user did to it. */
function Editor({ id = 'doc' }: { id?: string }) {
  const { phase } = useSessionBackend(id)
  const [count, setCount] = useState(0)
  return (
    <button type="button" onClick={() => setCount(count + 1)}>
      {phase} {count}
    </button>
  )
}

function Suspending() {
  return <p>{useSuspenseSessionBackend('doc').phase}</p>
}

const modes = { hidden: 'hidden', visible: 'visible' } as const

function Tab({ mode, strict = false }: { mode: keyof typeof modes; strict?: boolean }) {
  const tab = (
    <Activity mode={mode}>
      <Editor />
    </Activity>
  )
  return strict ? <StrictMode>{tab}</StrictMode> : tab
}

describe.each([
  ['', false],
  [' in StrictMode', true],
])('a document in an <Activity>%s', (_, strict) => {
  const text = () => screen.getByRole('button', { hidden: true }).textContent
  const numbers = (page: ReturnType<typeof renderWorld>) =>
    [page.posts(), page.sockets, page.open()].map(({ length }) => length)

  it('is closed 200 ms after it was hidden, and connects by one session when it is visible again', async () => {
    const page = renderWorld(() => <Tab mode="visible" strict={strict} />)
    await connectDocument(page, 'a')
    await page.does(() => screen.getByRole('button').click())
    expect([text(), ...numbers(page)]).toEqual(['connected 1', 1, 1, 1])
    page.rerender(<Tab mode="hidden" strict={strict} />)
    await page.passes(200)
    expect([page.open(), page.timers()]).toEqual([[], 0])
    await page.passes(3_600_000)
    expect(numbers(page)).toEqual([1, 1, 0])
    page.rerender(<Tab mode="visible" strict={strict} />)
    await page.does(() => {})
    expect([text(), ...numbers(page)]).toEqual(['requesting 1', 2, 1, 1])
    await connectDocument(page, 'a')
    expect([text(), ...numbers(page)]).toEqual(['connected 1', 2, 2, 1])
  })

  it('stays connected if it is visible again within 200 ms', async () => {
    const page = renderWorld(() => <Tab mode="visible" strict={strict} />)
    await connectDocument(page, 'a')
    page.rerender(<Tab mode="hidden" strict={strict} />)
    await page.passes(199)
    page.rerender(<Tab mode="visible" strict={strict} />)
    await page.passes(60_000)
    expect([text(), ...numbers(page)]).toEqual(['connected 0', 1, 1, 1])
  })

  it('opens nothing while it is only prepared for later', async () => {
    const page = renderWorld(() => <Tab mode="hidden" strict={strict} />)
    await page.passes(60_000)
    expect([text(), ...numbers(page)]).toEqual(['requesting 0', 0, 0, 0])
    page.rerender(<Tab mode="visible" strict={strict} />)
    await connectDocument(page, 'a')
    expect([text(), ...numbers(page)]).toEqual(['connected 0', 1, 1, 1])
  })
})

it('a session that a visible component has open too stays open while an <Activity> is hidden', async () => {
  const page = renderWorld(() => [<Tab key="tab" mode="visible" />, <Editor key="editor" />])
  await connectDocument(page, 'a')
  page.rerender([<Tab key="tab" mode="hidden" />, <Editor key="editor" />])
  await page.passes(60_000)
  expect([page.posts().length, page.open().length]).toEqual([1, 1])
})

it('useSuspenseSessionBackend holds nothing open in an <Activity> that is only prepared for later', async () => {
  const tab = (mode: keyof typeof modes) => (
    <Activity mode={mode}>
      <Suspense fallback={<i>loading</i>}>
        <Suspending />
      </Suspense>
    </Activity>
  )
  const page = renderWorld(() => tab('hidden'))
  await page.passes(1)
  await connectDocument(page, 'a')
  await page.passes(60_000)
  await page.passes(60_000)
  expect([page.open(), page.timers()]).toEqual([[], 0])
  page.rerender(tab('visible'))
  await connectDocument(page, 'b')
  await page.passes(60_000)
  expect(page.open()).toHaveLength(1)
  expect(screen.getByText('connected')).toBeDefined()
})
