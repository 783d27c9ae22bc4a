import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { sleep, systemClock } from '../src/internal.ts'
import { FakeClock } from './support/fake-clock.ts'

describe('the system clock', () => {
  it('tells the time and calls back once', async () => {
    const before = Date.now()
    await new Promise<void>((resolve) => systemClock.after(1, resolve))
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  })

  it('does not call back after it was told not to', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    systemClock.after(10, callback)()
    vi.advanceTimersByTime(20)
    expect(callback).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})

describe('sleep', () => {
  it('resolves when the time has passed, and leaves no listener', async () => {
    const clock = new FakeClock()
    const { signal } = new AbortController()
    const slept = sleep(clock, 100, signal)
    clock.advance(99)
    expect(clock.waits).toEqual([100])
    clock.advance(1)
    await slept
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('rejects with the reason as soon as the signal aborts, and leaves no timer', async () => {
    const clock = new FakeClock()
    const controller = new AbortController()
    const slept = sleep(clock, 100, controller.signal)
    controller.abort('left')
    await expect(slept).rejects.toBe('left')
    expect(clock.waits).toEqual([])
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('does not start when the signal has aborted before', async () => {
    const clock = new FakeClock()
    await expect(sleep(clock, 100, AbortSignal.abort('left'))).rejects.toBe('left')
    expect(clock.waits).toEqual([])
  })
})
