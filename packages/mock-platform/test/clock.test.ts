import { describe, expect, it } from 'vitest'
import { createClock } from '../src/clock.ts'

describe('a frozen clock', () => {
  it('calls what comes due in its order, each at its own time', () => {
    const clock = createClock({ frozen: true, start: 1000 })
    const calls: [string, number][] = []
    clock.after(20, () => calls.push(['b', clock.now()]))
    clock.after(10, () => {
      calls.push(['a', clock.now()])
      clock.after(5, () => calls.push(['a+5', clock.now()]))
    })
    clock.after(31, () => calls.push(['c', clock.now()]))
    clock.advance(30)
    expect(calls).toEqual([
      ['a', 1010],
      ['a+5', 1015],
      ['b', 1020],
    ])
    expect(clock.now()).toBe(1030)
  })

  it('does not call what was cancelled', () => {
    const clock = createClock({ frozen: true })
    let called = false
    const cancel = clock.after(10, () => {
      called = true
    })
    cancel()
    clock.advance(20)
    expect(called).toBe(false)
  })
})

describe('the default clock', () => {
  it('passes as time does', async () => {
    const clock = createClock()
    const before = clock.now()
    await new Promise<void>((done) => clock.after(5, done))
    expect(clock.now() - before).toBeGreaterThanOrEqual(4)
  })

  it('can be advanced as well', async () => {
    const clock = createClock()
    const before = clock.now()
    const hour = new Promise<void>((done) => clock.after(3_600_000, done))
    clock.advance(3_600_000)
    await hour
    expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000)
  })

  it('takes delays that are too long for a timer', async () => {
    const clock = createClock()
    let called = false
    const cancel = clock.after(2 ** 33, () => {
      called = true
    })
    await new Promise<void>((done) => clock.after(5, done))
    expect(called).toBe(false)
    cancel()
  })
})
