import { getEventListeners } from 'node:events'
import { expect, it, vi } from 'vitest'
import { childOf } from '../src/child-of.ts'

it('aborts when its parent does, for the same reason', () => {
  const parent = new AbortController()
  const child = childOf(parent.signal)
  const reason = new Error('left')
  parent.abort(reason)
  expect(child.signal.reason).toBe(reason)
})

it('has aborted from the start if its parent had', () => {
  const reason = new Error('left')
  expect(childOf(AbortSignal.abort(reason)).signal.reason).toBe(reason)
})

it('aborts by itself, and leaves its parent as it was', () => {
  const parent = new AbortController()
  childOf(parent.signal).abort()
  expect(parent.signal.aborted).toBe(false)
  expect(getEventListeners(parent.signal, 'abort')).toEqual([])
})

it('leaves its parent as it was if listeners take no signal, as in React Native', () => {
  const { signal } = new AbortController()
  const { addEventListener } = signal
  vi.spyOn(signal, 'addEventListener').mockImplementation((type: string, listener: unknown) => {
    Reflect.apply(addEventListener, signal, [type, listener])
  })
  childOf(signal).abort()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('needs no parent', () => {
  const child = childOf(undefined)
  child.abort()
  expect(child.signal.aborted).toBe(true)
})
