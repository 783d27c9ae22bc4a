import { expect, it } from 'vitest'
import { nameOf } from '../src/address.ts'

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['platform.test', 'platform.test'],
  ['::1', '[::1]'],
  ['0.0.0.0', 'localhost'],
  ['::', 'localhost'],
])('a platform that listens on %s has URLs of %s', (host, name) => {
  expect(nameOf(host)).toBe(name)
})
