import { fencedFile, runBackend } from '@session-backend/backend'
import { protocol } from './protocol.ts'
import { count, emptyTally, Tally } from './tally.ts'

/** The backend of one tally. */
await runBackend({
  protocol,
  storage: ({ key, env }) => fencedFile(`${env.FOLDER}/${key}`, { schema: Tally }),
  open: (saved) => saved ?? emptyTally(),
  authorize: ({ user }) => user !== undefined && { name: user },
  connected: (room, person) => person.send('pages', room.people.size),
  messages: {
    count(room, _person, { page, number }) {
      count(room.state, page, number)
      room.changed()
    },
  },
})
