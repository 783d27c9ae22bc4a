/**
 * The session backend: one process that owns one board. The platform starts it when the first user opens
 * the board, and sends SIGTERM when everybody has been gone for the grace period.
 */
import { fencedFile, type RoomOf, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { COLORS, type Person, protocol, Stroke, User } from '../shared/protocol.ts'
import { Board } from './board.ts'

type BoardRoom = RoomOf<typeof protocol, Board, User & { color: number }>

await runBackend({
  protocol,
  storage: fencedFile(process.env.BOARD_FOLDER, { schema: v.array(Stroke) }),
  open: (saved) => new Board(saved),
  save: (board: Board) => board.save(),
  // A pen reports up to 240 times a second, each time with a piece of its line and where it points.
  rate: { perSecond: 1000 },

  authorize({ user, auth }) {
    const known = v.safeParse(User, { id: user, role: auth.role })
    return known.success && { ...known.output, color: 0 }
  },
  connected(room, person) {
    person.data.color = freeColor(room, person)
    person.send('welcome', { me: person.id, people: everybody(room), strokes: room.state.strokes })
    person.send('saved', room.state.saved)
    room.broadcast('people', everybody(room), { except: person })
  },
  disconnected: (room) => room.broadcast('people', everybody(room)),
  saved(room) {
    room.state.onSaved()
    room.broadcast('saved', room.state.saved)
  },

  // The page of a viewer offers no pen; one that sends a stroke all the same is not listened to.
  messages: {
    draw(room, person, piece) {
      const { id, role } = person.data
      if (role !== 'editor' || !room.state.draw(id, piece)) return
      room.changed()
      room.broadcast('drawn', { ...piece, by: id }, { except: person })
    },
    erase(room, person, ids) {
      const { id, role } = person.data
      const erased = role === 'editor' ? room.state.erase(id, ids) : []
      if (erased.length === 0) return
      room.changed()
      room.broadcast('erased', erased, { except: person })
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

function freeColor(room: BoardRoom, newcomer: object): number {
  const others = [...room.people].filter((person) => person !== newcomer)
  const free = COLORS.findIndex((_, color) => !others.some(({ data }) => data.color === color))
  return free === -1 ? others.length % COLORS.length : free
}
