import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { Board } from '../backend/board.ts'
import { BOARD, MAX_POINTS, Stroke } from '../shared/protocol.ts'

describe('a board', () => {
  it('is the same however often the pieces of a stroke arrive again', () => {
    const point = fc.tuple(fc.nat(BOARD.width), fc.nat(BOARD.height))
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 30 }),
        fc.array(fc.nat(30)),
        (points, repeats) => {
          const board = new Board([])
          for (const from of points.keys()) {
            const piece = (at: number) => ({
              id: 'a',
              color: 0,
              from: at,
              points: points.slice(at, from + 1),
            })
            board.draw('ada', piece(from))
            for (const at of repeats.filter((at) => at <= from)) board.draw('ada', piece(at))
          }
          expect(board.strokes).toEqual([{ id: 'a', by: 'ada', color: 0, points }])
        },
      ),
    )
  })

  it('takes no piece that leaves a gap', () => {
    const board = new Board([])
    expect(board.draw('ada', { id: 'a', color: 0, from: 1, points: [[1, 1]] })).toBe(false)
    expect(board.strokes).toEqual([])
  })
})

describe('a stroke', () => {
  it('never grows longer than the file and the pages take', () => {
    const board = new Board([])
    const draw = (from: number, count: number) =>
      board.draw('ada', { id: 'a', color: 0, from, points: Array(count).fill([1, 1]) })
    expect(draw(0, MAX_POINTS)).toBe(true)
    expect(draw(MAX_POINTS, 1)).toBe(false)
    expect(v.parse(v.array(Stroke), board.strokes)).toEqual(board.strokes)
  })
})

it('lets nobody go on with a line of somebody else, or take it off', () => {
  const board = new Board([{ id: 'a', by: 'ada', color: 0, points: [[1, 1]] }])
  expect(board.draw('ben', { id: 'a', color: 0, from: 1, points: [[2, 2]] })).toBe(false)
  expect(board.erase('ben', ['a'])).toEqual([])
  expect(board.erase('ada', ['a', 'none'])).toEqual(['a'])
})

it('says of a save what it held when it began', () => {
  const board = new Board()
  board.draw('ada', { id: 'a', color: 0, from: 0, points: [[1, 1]] })
  board.save()
  board.draw('ada', { id: 'a', color: 0, from: 1, points: [[2, 2]] })
  board.onSaved()
  expect(board.saved).toEqual({ a: 1 })
})
