import { hkdfSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { createKeyDerivation } from '../../src/engine/derive-key.ts'

it.each([
  ['planted-secret', 'editor', 'session-backend ref'],
  ['é'.repeat(100), 'a service', ''],
])('derives the key of %j that HKDF-SHA-256 gives', (secret, service, purpose) => {
  const expected = Buffer.from(hkdfSync('sha256', secret, service, purpose, 32))
  expect(Buffer.from(createKeyDerivation(secret, service)(purpose))).toEqual(expected)
})
