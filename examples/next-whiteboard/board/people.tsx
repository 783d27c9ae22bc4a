import { COLORS } from '../shared/protocol.ts'
import type { BoardStore } from './board-store.ts'
import { useBoard } from './use-board.ts'

/** Everybody who has the board open. */
export function People({ store }: { store: BoardStore }) {
  const people = useBoard(store, ({ people }) => people)
  const me = useBoard(store, ({ me }) => me)
  return (
    <ul className="people" aria-label="People on this board">
      {people.map(({ id, name, role, color }) => {
        const label = `${name}${id === me ? ' (you)' : ''}, ${role}`
        return (
          <li key={id} style={{ background: COLORS[color] }} title={label}>
            <span aria-hidden="true">{name.slice(0, 1).toUpperCase()}</span>
            <span className="visually-hidden">{label}</span>
          </li>
        )
      })}
    </ul>
  )
}
