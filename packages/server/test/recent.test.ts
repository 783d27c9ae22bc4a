import { expect, it } from 'vitest'
import { Recent } from '../src/recent.ts'

it('holds the entries that were set last, and no more of them than it may', () => {
  const recent = new Recent<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  recent.set('a', 3)
  recent.set('c', 4)
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4])
  recent.forget(3)
  expect(['a', 'c'].map((key) => recent.get(key))).toEqual([undefined, 4])
})
