import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeComeBack, parseComeBack } from '../src/come-back.ts'

// PROTOCOL.md, "Hand-over".
it('gives pages 1 ms for each of them to come back, and 2 s at most', () => {
  expect([1, 8, 2000, 100_000].map((pages) => parseComeBack(encodeComeBack(pages)))).toEqual([
    1, 8, 2000, 2000,
  ])
})

it('gives no time if the close reason says nothing valid', () => {
  for (const reason of [
    undefined,
    '',
    'Stopping.',
    '8',
    'null',
    '{"comeBackWithin":null}',
    '{"comeBackWithin":1e9}',
  ])
    expect(parseComeBack(reason)).toBeUndefined()
  fc.assert(
    fc.property(
      fc.json(),
      (reason) => (parseComeBack(reason) ?? 0) >= 0 && (parseComeBack(reason) ?? 0) <= 2000,
    ),
  )
})

it('fits into a close frame', () => {
  expect(encodeComeBack(Number.MAX_SAFE_INTEGER).length).toBeLessThanOrEqual(123)
})
