import 'server-only'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { User } from './users.ts'

/** A board that there is. */
export interface BoardInfo {
  /** Its part of the address, and its document id. */
  id: string
  title: string
  about: string
  editorsOnly?: boolean
}

export const BOARDS: readonly BoardInfo[] = [
  { id: 'retro', title: 'Retrospective', about: 'What went well, what did not' },
  { id: 'floor-plan', title: 'Floor plan', about: 'Where the desks go. For editors only', editorsOnly: true },
  { id: 'doodles', title: 'Doodles', about: 'Anything at all' },
]

export function findBoard(id: string): BoardInfo | undefined {
  return BOARDS.find((board) => board.id === id)
}

/** Whether somebody may see a board. What they may do on it is up to their role. */
export function mayOpen({ role }: User, { editorsOnly = false }: BoardInfo): boolean {
  return role === 'editor' || !editorsOnly
}

/** Where a board is kept. */
export function folderOf(board: string): string {
  const { BOARD_FOLDER } = process.env
  if (BOARD_FOLDER === undefined) throw new Error('Set BOARD_FOLDER to the folder that boards are kept in.')
  return join(BOARD_FOLDER, `${createHash('sha256').update(board).digest('hex').slice(0, 32)}`)
}
