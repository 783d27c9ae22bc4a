import { describe, expect, it } from 'vitest'
import { createShelves } from '../../src/dashboard/page/shelves.js'
import type { BackendView } from '../../src/dashboard/snapshot.ts'

function backend(name: string, live = true): BackendView {
  return {
    ...{ name, live, service: 'editor', tag: null, lock: null, fencingToken: 1, gracePeriod: 300 },
    ...{ connections: 0, people: [], statuses: [], reason: null, readyUrl: '', waterfall: [], traceId: null },
  }
}

/** Calls the shelves with live and ended backends by name, and gives back the names. */
function open() {
  const sort = createShelves()
  return (
    live: string,
    ended: string,
    { place = null, held = '' }: { place?: 'live' | 'ended' | null; held?: string } = {},
  ) => {
    const backends = [
      ...[...live].map((name) => backend(name)),
      ...[...ended].map((name) => backend(name, false)),
    ]
    const shelves = sort(backends, place, (name: string) => held.includes(name))
    return {
      live: shelves.live.map(({ name }) => name).join(''),
      ended: shelves.ended.map(({ name }) => name).join(''),
      waiting: shelves.waiting,
    }
  }
}

describe('the lists of the dashboard', () => {
  it('keep a backend that has ended in its place until the pointer leaves', () => {
    const show = open()
    show('abc', '')
    expect(show('ac', 'b', { place: 'live' })).toEqual({
      live: 'abc',
      ended: '',
      waiting: { started: 0, ended: 1 },
    })
    expect(show('ac', 'b', { place: 'ended' }).live).toBe('abc')
    expect(show('ac', 'b')).toEqual({ live: 'ac', ended: 'b', waiting: { started: 0, ended: 0 } })
  })

  it('keep a backend that has ended in its place while it is held, and do not offer to move it', () => {
    const show = open()
    show('ab', '')
    expect(show('b', 'a', { held: 'a' })).toEqual({
      live: 'ab',
      ended: '',
      waiting: { started: 0, ended: 0 },
    })
    expect(show('b', 'a').live).toBe('b')
  })

  it('add a new backend at the end, at once if the pointer is not below', () => {
    const show = open()
    show('ab', '')
    expect(show('abc', '', { place: 'live' }).live).toBe('abc')
    expect(show('abcd', '', { place: 'ended' })).toMatchObject({
      live: 'abc',
      waiting: { started: 1, ended: 0 },
    })
    expect(show('abcd', '').live).toBe('abcd')
  })

  it('change nothing in the ended ones while the pointer is there', () => {
    const show = open()
    show('ab', 'xyz')
    expect(show('b', 'axyz', { place: 'ended' })).toMatchObject({ live: 'ab', ended: 'xyz' })
    expect(show('b', 'axyz', { place: 'live' })).toMatchObject({ live: 'ab', ended: 'xyz' })
    expect(show('b', 'axyz')).toMatchObject({ live: 'b', ended: 'axyz' })
  })

  it('show a backend that was started and has ended while nobody looked as ended', () => {
    const show = open()
    show('a', '')
    expect(show('a', 'b', { place: 'live' })).toMatchObject({ live: 'a', ended: 'b' })
  })

  it('keep the place of a backend that the platform has forgotten until the pointer leaves', () => {
    const show = open()
    show('ab', '')
    expect(show('b', '', { place: 'live' }).live).toBe('ab')
    expect(show('b', '').live).toBe('b')
  })
})
