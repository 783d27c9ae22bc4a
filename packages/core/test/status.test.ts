import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKEND_STATUSES, type BackendStatus, isBackendStatus, isTerminal } from '../src/index.ts'
import { isForward } from '../src/internal.ts'

const LIVE: BackendStatus[] = ['Loading', 'Starting', 'Ready']
const TERMINAL = BACKEND_STATUSES.filter((status) => !LIVE.includes(status))

describe('the statuses of a backend', () => {
  // Specification: "Backend statuses".
  it('are eleven, named as in the specification', () => {
    expect([...BACKEND_STATUSES].sort()).toEqual([
      'ErrorLoading',
      'ErrorStarting',
      'Exited',
      'Failed',
      'Loading',
      'Lost',
      'Ready',
      'Starting',
      'Swept',
      'Terminated',
      'TimedOutBeforeReady',
    ])
  })

  it.each([...BACKEND_STATUSES])('include %s', (status) => {
    expect(isBackendStatus(status)).toBe(true)
  })

  it.each(['ready', 'Waiting', '', '0', 'toString', null, undefined, 2, ['Ready']])(
    'do not include %j',
    (value) => {
      expect(isBackendStatus(value)).toBe(false)
    },
  )

  // PROTOCOL.md, "The session": "the first three are live, in this order, and the others are terminal".
  it.each(LIVE)('%s is live', (status) => expect(isTerminal(status)).toBe(false))
  it.each(TERMINAL)('%s is terminal', (status) => expect(isTerminal(status)).toBe(true))
})

describe('a step forward', () => {
  it('is any first status', () => {
    for (const status of BACKEND_STATUSES) expect(isForward(undefined, status)).toBe(true)
  })

  it('goes from Loading to Starting to Ready to a terminal status, and may skip some', () => {
    expect(isForward('Loading', 'Starting')).toBe(true)
    expect(isForward('Starting', 'Ready')).toBe(true)
    expect(isForward('Loading', 'Ready')).toBe(true)
    for (const live of LIVE) for (const end of TERMINAL) expect(isForward(live, end)).toBe(true)
  })

  // PROTOCOL.md, "Following a status stream": "duplicates, replays and backward steps change nothing, and
  // the first terminal status is the last".
  it('is neither a repetition nor a step back', () => {
    for (const status of BACKEND_STATUSES) expect(isForward(status, status)).toBe(false)
    expect(isForward('Ready', 'Starting')).toBe(false)
    expect(isForward('Ready', 'Loading')).toBe(false)
  })

  it('does not follow a terminal status', () => {
    for (const end of TERMINAL) for (const next of BACKEND_STATUSES) expect(isForward(end, next)).toBe(false)
  })

  it('keeps what is shown from falling, under duplicates, reordering and replay', () => {
    const rank = (status: BackendStatus) => (isTerminal(status) ? 3 : LIVE.indexOf(status))
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BACKEND_STATUSES)), (sent) => {
        const shown: BackendStatus[] = []
        for (const status of sent) if (isForward(shown.at(-1), status)) shown.push(status)
        const ranks = shown.map(rank)
        expect(ranks).toEqual([...new Set(ranks)].sort())
        expect(shown.filter(isTerminal).length).toBe(sent.some(isTerminal) ? 1 : 0)
        expect(shown.find(isTerminal)).toBe(sent.find(isTerminal))
      }),
    )
  })
})
