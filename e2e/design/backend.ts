import { fencedFile, runBackend } from '@session-backend/backend'
import { Board, protocol } from './protocol.ts'

// The schema gives what is read back its type, and a protocol's message without a handler is an error of types.
await runBackend({
  protocol,
  storage: fencedFile(process.env.BOARD_FILE, { schema: Board }),
  open: (saved) => saved ?? { strokes: [] },
  authorize: ({ user, auth }) => user && { name: user, role: auth.role },
  connected: (room, person) => person.send('board', room.state),
  messages: {
    draw(room, person, stroke) {
      room.state.strokes.push(stroke)
      room.changed()
      room.broadcast('drawn', stroke, { except: person })
    },
    cursor() {},
  },
})
