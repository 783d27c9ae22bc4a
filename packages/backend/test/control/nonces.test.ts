import { expect, it } from 'vitest'
import { Nonces } from '../../src/control/nonces.ts'

it('remembers nonces for as long as their requests are taken, and refuses more than it can remember', () => {
  const nonces = new Nonces()
  const now = 1_000_000
  for (let i = 0; i < 10_000; i++) expect(nonces.use(`n${i}`, now + 30_000, now)).toBe('new')
  expect(nonces.use('one more', now, now)).toBe('full')
  expect(nonces.use('n0', now, now)).toBe('used')
  // Signed 30 s ahead, they are taken for 90 s.
  expect(nonces.use('one more', now + 90_000, now + 90_000)).toBe('full')
  expect(nonces.use('one more', now + 90_001, now + 90_001)).toBe('new')
})
