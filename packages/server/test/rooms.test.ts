import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findCircles } from '../../core/test/support/rooms.ts'

it('lets the arrows between the rooms of the package point one way', () => {
  expect(findCircles(join(import.meta.dirname, '../src'))).toEqual([])
})
