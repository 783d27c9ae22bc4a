import { useSyncExternalStore } from 'react'
import type { BoardState, BoardStore } from './board-store.ts'

/** A part of a board's state: the component renders when that part changes, and not when a cursor moves. */
export function useBoard<T>(store: BoardStore, select: (state: BoardState) => T): T {
  const read = () => select(store.state)
  return useSyncExternalStore(store.subscribe, read, read)
}
