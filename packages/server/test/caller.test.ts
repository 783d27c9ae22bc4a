import { describe, expect, it, vi } from 'vitest'
import { callerIn, callerOf, LeavingCaller, optionsFor } from '../src/caller.ts'

describe('a caller that is told to leave', () => {
  it('tells those who listen, and whoever asks later', () => {
    const caller = new LeavingCaller()
    const [heard, stopped] = [vi.fn(), vi.fn()]
    caller.onLeave(heard)
    caller.onLeave(stopped)
    caller.offLeave(stopped)
    const { signal } = caller
    expect([caller.left, signal.aborted]).toEqual([false, false])
    caller.leave()
    expect([caller.left, signal.aborted, caller.signal]).toEqual([true, true, signal])
    expect([heard.mock.calls.length, stopped.mock.calls.length]).toEqual([1, 0])
  })

  it('has a signal that has aborted, where it is asked for too late', () => {
    const caller = new LeavingCaller()
    caller.leave()
    expect(caller.signal.aborted).toBe(true)
  })
})

describe('who waits for a call', () => {
  it('is the caller itself, whom the options name', () => {
    const caller = new LeavingCaller()
    expect(callerIn({ ...optionsFor(caller) })).toBe(caller)
  })

  it('is who the signal stands for, also in the options of a caller', () => {
    const controller = new AbortController()
    const caller = new LeavingCaller()
    const waiting = [
      callerIn({ signal: controller.signal }),
      callerOf(controller.signal),
      callerIn({ signal: optionsFor(caller).signal }),
    ]
    const heard = vi.fn()
    for (const one of waiting) one?.onLeave(() => heard())
    controller.abort(new Error('left'))
    caller.leave()
    expect(heard).toHaveBeenCalledTimes(3)
    expect(waiting[0]?.signal.reason).toEqual(new Error('left'))
  })

  it('is who the signal stands for that was put into a copy of the options', () => {
    const caller = new LeavingCaller()
    const deadline = new AbortController()
    const signal = AbortSignal.any([optionsFor(caller).signal ?? expect.fail(), deadline.signal])
    const waiting = callerIn({ ...optionsFor(caller), signal })
    expect(waiting?.left).toBe(false)
    deadline.abort()
    expect([waiting?.left, caller.left]).toEqual([true, false])
  })

  it('is nobody, where there is no signal', () => {
    expect(callerIn({})).toBeUndefined()
    expect(callerIn({ ...optionsFor(new LeavingCaller()), signal: undefined })).toBeUndefined()
  })
})
