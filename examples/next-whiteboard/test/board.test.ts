import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { Board } from '../shared/board.ts'
import { BOARD, MAX_POINTS, Stroke } from '../shared/protocol.ts'

it('holds each stroke as it was drawn, also if others draw in between', () => {
  const point = fc.tuple(fc.nat(BOARD.width), fc.nat(BOARD.height))
  const piece = fc.record({ id: fc.constantFrom('a', 'b', 'c'), points: fc.array(point, { minLength: 1 }) })
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const board = new Board()
      for (const { id, points } of pieces) board.draw('ada', { id, color: 0, points })
      for (const id of ['a', 'b', 'c']) {
        const points = pieces.filter((each) => each.id === id).flatMap((each) => each.points)
        expect(board.find(id)).toEqual(points.length > 0 ? { id, by: 'ada', color: 0, points } : undefined)
      }
    }),
  )
})

it('has no stroke that is longer than the file and the pages take', () => {
  const board = new Board()
  const draw = (count: number) => board.draw('ada', { id: 'a', color: 0, points: Array(count).fill([1, 1]) })
  expect([draw(MAX_POINTS), draw(1)]).toEqual([true, false])
  expect(v.parse(v.array(Stroke), board.strokes)).toEqual(board.strokes)
})

it('lets nobody go on with a line of somebody else, or take it off', () => {
  const board = new Board([{ id: 'a', by: 'ada', color: 0, points: [[1, 1]] }])
  expect(board.draw('ben', { id: 'a', color: 0, points: [[2, 2]] })).toBe(false)
  expect(board.erase('ben', ['a'])).toEqual([])
  expect(board.erase('ada', ['a', 'none'])).toEqual(['a'])
})
