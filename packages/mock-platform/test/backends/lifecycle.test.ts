import { isTerminal } from '@session-backend/core'
import { isForward } from '@session-backend/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BORN, type Lifecycle, type LifecycleEvent, next } from '../../src/backends/lifecycle.ts'

const lifeAfter = (...events: LifecycleEvent[]): Lifecycle => events.reduce(next, BORN)
const loaded = { type: 'loaded' } as const
const listening = { type: 'listening' } as const
const gone = { type: 'gone' } as const
const exited = (code: number | null) => ({ type: 'exited', code }) as const

describe('the life of a backend', () => {
  it.each([
    ['Exited', [loaded, listening, exited(0), gone]],
    ['Failed', [loaded, listening, exited(1), gone]],
    ['Failed', [loaded, listening, exited(null), gone]],
    ['Failed', [loaded, exited(1), gone]],
    ['ErrorLoading', [{ type: 'load-failed' }, gone]],
    ['ErrorStarting', [loaded, { type: 'start-failed' }, gone]],
    ['TimedOutBeforeReady', [loaded, { type: 'start-timed-out' }, gone]],
    ['Swept', [loaded, listening, { type: 'idle' }, gone]],
    ['Swept', [loaded, { type: 'expired' }, gone]],
    ['Terminated', [loaded, listening, { type: 'terminate' }, gone]],
    ['Terminated', [{ type: 'terminate' }, gone]],
    ['Lost', [loaded, listening, { type: 'lost' }, gone]],
    ['Lost', [loaded, listening, gone]],
  ] as [string, LifecycleEvent[]][])('ends as %s', (status, events) => {
    expect(lifeAfter(...events)).toEqual({ status })
  })

  it('keeps its status until the death of all its processes is confirmed', () => {
    expect(lifeAfter(loaded, listening, { type: 'terminate' }).status).toBe('Ready')
    expect(lifeAfter(loaded, exited(1)).status).toBe('Starting')
  })

  it('ends for the first reason that there was', () => {
    expect(
      lifeAfter(loaded, listening, { type: 'idle' }, exited(1), { type: 'terminate' }, gone).status,
    ).toBe('Swept')
  })

  it('is loaded once, and late events change nothing', () => {
    expect(lifeAfter(loaded, listening, loaded)).toEqual({ status: 'Ready' })
  })

  it('is not swept before it is Ready, and does not time out afterwards', () => {
    expect(lifeAfter(loaded, { type: 'idle' })).toEqual({ status: 'Starting' })
    expect(lifeAfter(loaded, listening, { type: 'start-timed-out' })).toEqual({ status: 'Ready' })
  })

  it('only moves forward, under all events', () => {
    const event = fc.oneof(
      fc
        .constantFrom(
          'loaded',
          'load-failed',
          'start-failed',
          'listening',
          'start-timed-out',
          'idle',
          'expired',
          'terminate',
          'lost',
          'gone',
        )
        .map((type) => ({ type }) as LifecycleEvent),
      fc.record({ type: fc.constant('exited' as const), code: fc.option(fc.nat(255)) }),
    )
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let state = BORN
        for (const each of events) {
          const { status } = next(state, each)
          expect(status === state.status || isForward(state.status, status)).toBe(true)
          if (isTerminal(status) && status !== state.status) expect(each.type).toBe('gone')
          state = next(state, each)
        }
      }),
    )
  })
})
