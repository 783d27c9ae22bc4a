/**
 * The session backend: one process that owns one board. The platform starts it when the first user opens
 * the board, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { fencedFile, type PersonOf, type RoomOf, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { Board } from '../shared/board.ts'
import { COLORS, type Person, protocol, Stroke, User } from '../shared/protocol.ts'

type Data = User & { color: number }
type BoardRoom = RoomOf<typeof protocol, Board, Data>
type BoardPerson = PersonOf<typeof protocol, Data>

await runBackend({
  protocol,
  storage: ({ env }) => fencedFile(env.BOARD_FOLDER, { schema: v.array(Stroke) }),
  open: (saved) => new Board(saved),
  save: (board: Board) => board.strokes,
  // A pen reports up to 240 times a second, each time with a piece of its line and where it points.
  rate: { perSecond: 1000 },

  authorize({ user, auth }) {
    const known = v.safeParse(User, { id: user, role: auth.role })
    return known.success && { ...known.output, color: 0 }
  },
  connected(room, person) {
    person.data.color = freeColor(room, person)
    person.send('board', { me: person.id, people: everybody(room), strokes: room.state.strokes })
    room.broadcast('people', everybody(room), { except: person })
  },
  disconnected: (room) => room.broadcast('people', everybody(room)),

  // The page of a viewer offers no pen; one that sends a stroke all the same is not listened to. Who drew is
  // told, too: a page shows its own lines at once, and learns from this what has become of them.
  messages: {
    draw(room, person, piece) {
      const { id: by, role } = person.data
      if (role !== 'editor' || !room.state.draw(by, piece)) return
      room.changed()
      room.broadcast('drawn', { ...piece, by })
    },
    erase(room, person, ids) {
      const { id: by, role } = person.data
      const erased = role === 'editor' ? room.state.erase(by, ids) : []
      if (erased.length === 0) return
      room.changed()
      room.broadcast('erased', { by, ids: erased })
    },
    cursor: (room, person, at) => room.broadcast('cursor', { person: person.id, ...at }, { except: person }),
  },
})

function everybody(room: BoardRoom): Person[] {
  return [...room.people].map(({ id, data }) => ({
    id,
    name: decodeURIComponent(data.id),
    role: data.role,
    color: data.color,
  }))
}

function freeColor(room: BoardRoom, newcomer: BoardPerson): number {
  const others = [...room.people].filter((person) => person !== newcomer)
  const free = COLORS.findIndex((_, color) => !others.some(({ data }) => data.color === color))
  return free === -1 ? others.length % COLORS.length : free
}
