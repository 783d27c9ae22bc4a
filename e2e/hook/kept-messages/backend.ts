import { fencedFile, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { protocol } from './protocol.ts'

await runBackend({
  protocol,
  storage: ({ key }) => fencedFile(`${process.env.FOLDER}/${key}`, { schema: v.array(v.string()) }),
  open: (saved) => saved ?? [],
  authorize: ({ user }) => user !== undefined && { name: user },
  // Long enough for a page to be looked at while it saves.
  autosave: { delay: 500, maxDelay: 500 },
  connected: (room, person) => person.send('list', room.state),
  messages: {
    add(room, _person, item) {
      room.state.push(item)
      room.changed()
      room.broadcast('added', item)
    },
  },
})
