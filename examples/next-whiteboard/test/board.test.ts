import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Board } from '../backend/board.ts'
import { BoardFile } from '../backend/board-file.ts'
import { BOARD, MAX_POINTS, parseStrokes, parseToBackend } from '../shared/messages.ts'
import { readTicket, signTicket } from '../shared/ticket.ts'

const SECRET = 'a secret that is long enough for anybody'

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
              type: 'draw' as const,
              id: 'a',
              color: 0,
              from: at,
              points: points.slice(at, from + 1),
            })
            board.draw(piece(from))
            for (const at of repeats.filter((at) => at <= from)) board.draw(piece(at))
          }
          expect(board.strokes).toEqual([{ id: 'a', color: 0, points }])
        },
      ),
    )
  })

  it('takes no piece that leaves a gap', () => {
    const board = new Board([])
    expect(board.draw({ type: 'draw', id: 'a', color: 0, from: 1, points: [[1, 1]] })).toBe(false)
    expect(board.strokes).toEqual([])
  })
})

describe('a stroke', () => {
  it('never grows longer than the file and the pages take', () => {
    const board = new Board([])
    const draw = (from: number, count: number) =>
      board.draw({ type: 'draw', id: 'a', color: 0, from, points: Array(count).fill([1, 1]) })
    expect(draw(0, MAX_POINTS)).toBe(true)
    expect(draw(MAX_POINTS, 1)).toBe(false)
    expect(parseStrokes(board.strokes)).toEqual(board.strokes)
  })
})

describe('its file', () => {
  it('keeps what was saved, and refuses a backend that was replaced', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'whiteboard-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'board.json')
    const stroke = { id: 'a', color: 2, points: [[1, 2]] as [number, number][] }
    const first = await BoardFile.claim(path, 1)
    await first.file.save([stroke])
    const second = await BoardFile.claim(path, 2)
    expect(second.strokes).toEqual([stroke])
    await expect(first.file.save([])).rejects.toThrow('Fencing token 1 is outdated: 2 owns this board now.')
    expect((await BoardFile.claim(path, 3)).strokes).toEqual([stroke])
    await expect(BoardFile.claim(path, 2)).rejects.toThrow('outdated')
  })
})

describe('a ticket', () => {
  const ada = { board: 'doodles', name: 'Ada', role: 'editor' } as const

  it('says who comes, and to which board', async () => {
    expect(await readTicket(await signTicket(ada, SECRET), 'doodles', SECRET)).toMatchObject(ada)
  })

  it('is refused for another board, with another signature, and when it is none', async () => {
    const ticket = await signTicket(ada, SECRET)
    await expect(readTicket(ticket, 'retro', SECRET)).rejects.toThrow('another board')
    await expect(readTicket(ticket, 'doodles', `${SECRET}!`)).rejects.toThrow()
    await expect(readTicket('', 'doodles', SECRET)).rejects.toThrow()
  })
})

it('what a page may send is bounded', () => {
  const cursor = (x: unknown) => parseToBackend(JSON.stringify({ type: 'cursor', x, y: 0 }))
  expect(cursor(BOARD.width)).toBeDefined()
  for (const x of [-1, BOARD.width + 1, null, '1', [1]]) expect(cursor(x)).toBeUndefined()
  expect(parseToBackend('{')).toBeUndefined()
})
