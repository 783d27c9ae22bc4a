// @vitest-environment jsdom
import { act, cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openDocument, settle } from '../support/render.tsx'
import { openUntilConnected } from '../support/steps.ts'
import { timeAt } from '../support/world.ts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const ways = [
  {
    away: 'offline',
    leave: () => vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false),
    comeBack() {
      vi.restoreAllMocks()
      window.dispatchEvent(new Event('online'))
    },
  },
  {
    away: 'hidden',
    leave: () => vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden'),
    comeBack() {
      vi.restoreAllMocks()
      document.dispatchEvent(new Event('visibilitychange'))
    },
  },
]

describe.each(ways)('while $away', ({ leave, comeBack }) => {
  const returns = async () => {
    await act(async () => comeBack())
    await settle()
  }

  it('the route is not asked again; on return it is, at once and once', async () => {
    const page = openDocument()
    leave()
    await page.does(() => page.posts()[0]?.fail())
    await page.passes(3_600_000)
    expect(page.posts()).toHaveLength(1)
    await returns()
    expect(page.posts()).toHaveLength(2)
  })

  it('on return the first attempt does not wait for what is left of a long wait', async () => {
    const page = openDocument()
    await page.does(() => page.posts()[0]?.refuse(503, 'platform_busy', { 'retry-after': '60' }))
    leave()
    await page.passes(1000)
    await returns()
    expect(page.posts()).toHaveLength(2)
  })

  it('a lost connection and a lost stream wait; on return there is one probe of each', async () => {
    const page = await openUntilConnected()
    leave()
    await page.does(() => page.sockets[0]?.drop())
    await page.does(() => page.streams()[0]?.fail())
    await page.passes(3_600_000)
    expect(page.session.phase).toBe('reconnecting')
    expect([page.looks(), page.streams(), page.posts()].map((all) => all.length)).toEqual([0, 1, 1])
    await returns()
    expect([page.looks(), page.streams(), page.posts()].map((all) => all.length)).toEqual([1, 2, 1])
    await page.does(() => page.looks()[0]?.reply({ state: 'Ready', time: timeAt(0) }))
    expect(page.posts()).toHaveLength(2)
  })

  it('a stream that lives stays open; one that has fallen silent is given up as ever', async () => {
    const page = await openUntilConnected()
    await page.does(() => page.streams()[0]?.tell('Ready'))
    leave()
    await page.passes(40_000)
    await page.does(() => page.streams()[0]?.write(':\n\n'))
    await returns()
    await page.passes(44_999)
    expect(page.streams()).toMatchObject([{ isOpen: true }])
    await page.passes(1)
    await page.passes(500)
    expect(page.streams()).toHaveLength(2)
  })

  it('an open connection stays open', async () => {
    const page = await openUntilConnected()
    leave()
    await page.passes(3_600_000)
    expect(page.session.phase).toBe('connected')
    await returns()
    expect(page.session.phase).toBe('connected')
  })

  it('unmounting leaves no listener behind', async () => {
    const add = vi.spyOn(EventTarget.prototype, 'addEventListener')
    const page = openDocument()
    await page.does(() => page.posts()[0]?.fail())
    page.unmount()
    await page.passes(200)
    const left = add.mock.calls.filter(
      ([type, , options]) =>
        (type === 'online' || type === 'visibilitychange') &&
        typeof options === 'object' &&
        !options?.signal?.aborted,
    )
    expect(left).toEqual([])
    expect(page.timers()).toBe(0)
  })
})
