// The process of one board. The platform starts it when somebody opens the board, and ends it when everybody
// has left.
import { fencedFile, type RoomOf, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { Line, protocol } from './protocol.ts'

const MAX_LINES = 20_000

const room = await runBackend({
  protocol,
  // For a database, see "Storage" in the README of @session-backend/backend.
  storage: ({ env, key }) =>
    fencedFile(`${env.BOARD_FOLDER ?? '.data/boards'}/${key}`, { schema: v.array(Line) }),
  open: (saved) => saved ?? [],
  // The user whom the app's route has let in: see `authorize` in sessions.ts.
  authorize: ({ user }) => user !== undefined && { name: decodeURIComponent(user) },
  connected(room, person) {
    person.send('board', room.state)
    room.broadcast('people', everybody(room))
  },
  disconnected: (room) => room.broadcast('people', everybody(room)),
  messages: {
    draw(room, person, { from, to }) {
      const line = { by: person.data.name, from, to }
      if (room.state.length >= MAX_LINES) room.state.shift()
      room.state.push(line)
      room.broadcast('drawn', line)
    },
    clear(room) {
      room.state = []
      room.broadcast('board', [])
    },
    point(room, person, at) {
      room.broadcast('pointed', { id: person.id, at }, { except: person })
    },
  },
})
console.log(`Listening on port ${room.port}`)

function everybody({ people }: RoomOf<typeof protocol, Line[], { name: string }>) {
  return [...people].map(({ id, data }) => ({ id, name: data.name }))
}
