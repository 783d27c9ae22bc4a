import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../core/test/support/fake-clock.ts'
import { Sweeper } from '../../src/backends/sweeper.ts'

function setUp(gracePeriod: number) {
  const clock = new FakeClock(0)
  const sweeps: number[] = []
  const sweeper = new Sweeper({ clock, gracePeriod, onIdle: () => sweeps.push(clock.now()) })
  return { clock, sweeps, sweeper }
}

describe('the sweeper', () => {
  it('counts from Ready when nobody ever connected', () => {
    const { clock, sweeps, sweeper } = setUp(300)
    clock.advance(1000)
    sweeper.start()
    clock.advance(299)
    expect(sweeps).toEqual([])
    clock.advance(1)
    expect(sweeps).toEqual([1300])
  })

  it('counts a connection once, however often it says that it has left', () => {
    const { sweeper } = setUp(300)
    const leave = sweeper.enter()
    sweeper.enter()
    leave()
    leave()
    expect(sweeper.connections).toBe(1)
  })

  it('sweeps if and only if a backend was idle without a break for the grace period', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('wait' as const), ms: fc.nat(200) }),
      fc.record({ type: fc.constant('enter' as const) }),
      fc.record({ type: fc.constant('leave' as const), which: fc.nat(5) }),
    )
    fc.assert(
      fc.property(fc.nat(300), fc.array(step, { maxLength: 60 }), (gracePeriod, steps) => {
        const { clock, sweeps, sweeper } = setUp(gracePeriod)
        const inside: (() => void)[] = []
        let idleSince: number | undefined = 0
        let expected: number | undefined
        sweeper.start()
        for (const each of steps) {
          if (each.type === 'enter') inside.push(sweeper.enter())
          else if (each.type === 'leave') inside.splice(each.which % (inside.length || 1), 1)[0]?.()
          else clock.advance(each.ms)
          if (expected === undefined && idleSince !== undefined && clock.now() - idleSince >= gracePeriod) {
            // With no grace at all, being idle is not enough: the clock has to come by.
            if (each.type === 'wait') expected = idleSince + gracePeriod
          }
          if (inside.length > 0) idleSince = undefined
          else idleSince ??= clock.now()
          expect(sweeper.connections).toBe(inside.length)
          expect(sweeps).toEqual(expected === undefined ? [] : [expected])
        }
      }),
      { numRuns: 500 },
    )
  })
})
