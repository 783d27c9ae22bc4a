import { expect, it } from 'vitest'
import { Recent } from '../../src/common/recent.ts'

/** What the map has for each key. */
const entries = (recent: Recent<number>, keys: string) => [...keys].map((key) => recent.get(key))

it('holds the entries that were set last', () => {
  const recent = new Recent<number>(2)
  for (const [value, key] of [...'abac'].entries()) recent.set(key, value)
  expect(entries(recent, 'ac')).toEqual([2, 3])
})

it('holds at most as many older ones', () => {
  const recent = new Recent<number>(2)
  for (const [value, key] of [...'abcdef'].entries()) recent.set(key, value)
  expect(entries(recent, 'abcdef')).toEqual([undefined, undefined, 2, 3, 4, 5])
})

it('forgets all entries with a value, old and new', () => {
  const recent = new Recent<number>(2)
  for (const key of 'abc') recent.set(key, 1)
  recent.set('d', 2)
  recent.forget(1)
  expect(entries(recent, 'abcd')).toEqual([undefined, undefined, undefined, 2])
})

it('shows no older value of an entry that it forgot', () => {
  const recent = new Recent<number>(2)
  for (const [value, key] of [...'abca'].entries()) recent.set(key, value)
  recent.forget(3)
  expect(entries(recent, 'abc')).toEqual([undefined, 1, 2])
})
