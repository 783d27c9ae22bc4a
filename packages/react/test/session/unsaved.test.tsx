// @vitest-environment jsdom
import { act, cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { Unsaved } from '../../src/connection/unsaved.ts'
import { createUnsavedReport } from '../../src/connection/unsaved-report.ts'
import { Document, renderWorld, type Seen } from '../support/render.tsx'
import { createWorld, sessionOf } from '../support/world.ts'

afterEach(cleanup)

/** A page whose connection says what isn't saved. */
async function openPage({ warnBeforeUnload }: { warnBeforeUnload?: boolean } = {}) {
  const world = createWorld()
  let tell = (_unsaved: Unsaved) => {}
  let isOpen = false
  world.options.connect = (context) => {
    tell = createUnsavedReport(context, world.clock, { warnBeforeUnload })
    isOpen = true
    context.signal.addEventListener('abort', () => {
      isOpen = false
    })
    return {}
  }
  const seen: Seen = { sessions: [] }
  const page = renderWorld(() => <Document seen={seen} />, world)
  await page.does(() => page.posts()[0]?.reply(sessionOf('a', 'Ready')))
  return {
    ...page,
    seen: seen.sessions,
    session: () => seen.sessions.at(-1),
    keep: (count: number) => act(() => tell({ count, since: count > 0 ? 5 : undefined })),
    isOpen: () => isOpen,
  }
}

/** Whether the browser would ask before the page is left. */
function asks(): boolean {
  const event = new Event('beforeunload', { cancelable: true })
  dispatchEvent(event)
  return event.defaultPrevented
}

describe('session.unsaved', () => {
  it('is undefined until the connection reports it', async () => {
    const page = await openPage()
    expect(page.session()?.unsaved).toBeUndefined()
    page.keep(0)
    expect(page.session()?.unsaved).toEqual({ count: 0, since: undefined })
  })

  it('shows the first change and the last save at once, and the numbers between them 4 times a second', async () => {
    const page = await openPage()
    page.keep(0)
    page.keep(1)
    expect(page.session()?.unsaved).toEqual({ count: 1, since: 5 })
    const renders = page.seen.length
    for (let count = 2; count <= 50; count++) page.keep(count)
    expect(page.seen).toHaveLength(renders)
    await page.passes(250)
    expect(page.seen).toHaveLength(renders + 1)
    expect(page.session()?.unsaved?.count).toBe(50)
    page.keep(51)
    page.keep(0)
    expect(page.session()?.unsaved?.count).toBe(0)
    await page.passes(250)
    expect(page.seen).toHaveLength(renders + 2)
  })

  it('keeps a session open that nobody shows any more, until everything is saved', async () => {
    const page = await openPage()
    page.keep(1)
    page.unmount()
    await page.passes(60_000)
    expect(page.isOpen()).toBe(true)
    page.keep(0)
    expect(page.isOpen()).toBe(false)
    expect(page.timers()).toBe(0)
  })

  it('closes a session that nobody shows any more when it can not be saved', async () => {
    const page = await openPage()
    page.keep(1)
    act(() => page.session()?.disconnect())
    page.unmount()
    await page.passes(200)
    expect(page.timers()).toBe(0)
    expect(asks()).toBe(false)
  })
})

describe('warnBeforeUnload', () => {
  it('makes the browser ask before the user leaves the page with unsaved changes', async () => {
    const page = await openPage()
    page.keep(0)
    expect(asks()).toBe(false)
    page.keep(1)
    expect(asks()).toBe(true)
    page.keep(0)
    expect(asks()).toBe(false)
  })

  it('asks for one document, also when another one of the page has saved everything', async () => {
    const [one, other] = [await openPage(), await openPage()]
    one.keep(1)
    other.keep(0)
    expect(asks()).toBe(true)
    other.keep(1)
    one.keep(0)
    expect(asks()).toBe(true)
    other.keep(0)
    expect(asks()).toBe(false)
  })

  it('does nothing if the app turns it off', async () => {
    const page = await openPage({ warnBeforeUnload: false })
    page.keep(1)
    expect(asks()).toBe(false)
  })
})
