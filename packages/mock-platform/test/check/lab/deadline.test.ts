import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { within } from '../../../src/check/lab/deadline.ts'
import { Finding } from '../../../src/check/lab/finding.ts'

const late = () => new Finding('It was late.', 'Be faster.')
const never = () => new Promise<never>(() => {})

it('resolves to what a promise does in time, and leaves no listener behind', async () => {
  const { signal } = new AbortController()
  await expect(within(Promise.resolve(1), 10_000, signal, late)).resolves.toBe(1)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('throws the finding once a promise is late', async () => {
  await expect(within(never(), 1, new AbortController().signal, late)).rejects.toThrow('It was late.')
})

it('rejects as soon as the signal aborts', async () => {
  const stopping = new AbortController()
  const waiting = within(never(), 60_000, stopping.signal, late)
  stopping.abort(new Error('Ctrl-C'))
  await expect(waiting).rejects.toThrow('Ctrl-C')
})

it('handles the failure of a promise that is no longer waited for', async () => {
  // Vitest fails if a rejection is unhandled.
  const lost = Promise.reject(new Error('The socket was closed.'))
  await expect(within(lost, 1_000, AbortSignal.abort(new Error('Ctrl-C')), late)).rejects.toThrow('Ctrl-C')
})
