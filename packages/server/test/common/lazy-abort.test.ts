import { describe, expect, it, vi } from 'vitest'
import { abortIn, abortOf, callOptions, LazyAbortController } from '../../src/common/lazy-abort.ts'

describe('a lazy abort', () => {
  it('calls its listeners once, and shows that it has aborted afterwards', () => {
    const abort = new LazyAbortController()
    const [heard, stopped] = [vi.fn(), vi.fn()]
    abort.onAbort(heard)
    abort.onAbort(stopped)()
    const { signal } = abort
    expect([abort.aborted, signal.aborted]).toEqual([false, false])
    abort.abort()
    expect([abort.aborted, signal.aborted, abort.signal]).toEqual([true, true, signal])
    expect([heard.mock.calls.length, stopped.mock.calls.length]).toEqual([1, 0])
  })

  it('has an aborted signal if the signal is asked for after the abort', () => {
    const abort = new LazyAbortController()
    abort.abort()
    expect(abort.signal.aborted).toBe(true)
  })
})

describe('the abort of a call', () => {
  it('is the lazy abort that its options were made from', () => {
    const abort = new LazyAbortController()
    expect(abortIn(callOptions(abort))).toBe(abort)
    expect(abortIn({ ...callOptions(abort) })?.signal).toBe(abort.signal)
  })

  it('is the signal of its options', () => {
    const controller = new AbortController()
    const abort = new LazyAbortController()
    const waiting = [
      abortIn({ signal: controller.signal }),
      abortOf(controller.signal),
      abortIn({ signal: callOptions(abort).signal }),
    ]
    const heard = vi.fn()
    for (const one of waiting) one?.onAbort(() => heard())
    controller.abort(new Error('left'))
    abort.abort()
    expect(heard).toHaveBeenCalledTimes(3)
    expect(waiting[0]?.signal.reason).toEqual(new Error('left'))
  })

  it('is the signal that was put into a copy of the options', () => {
    const abort = new LazyAbortController()
    const deadline = new AbortController()
    const signal = AbortSignal.any([callOptions(abort).signal ?? expect.fail(), deadline.signal])
    const waiting = abortIn({ ...callOptions(abort), signal })
    expect(waiting?.aborted).toBe(false)
    deadline.abort()
    expect([waiting?.aborted, abort.aborted]).toEqual([true, false])
  })

  it('is undefined if there is no signal', () => {
    expect(abortIn({})).toBeUndefined()
    expect(abortIn({ ...callOptions(new LazyAbortController()), signal: undefined })).toBeUndefined()
  })
})
