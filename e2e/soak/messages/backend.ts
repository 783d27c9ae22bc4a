import { fencedFile, runBackend } from '@session-backend/backend'
import * as v from 'valibot'
import { protocol } from './protocol.ts'

/** The backend of one list, which is kept in the folder of the document's name. */
await runBackend({
  protocol,
  storage: ({ key, env }) => fencedFile(`${env.FOLDER}/${key}`, { schema: v.array(v.string()) }),
  open: (saved) => saved ?? [],
  authorize: ({ user }) => user !== undefined && { name: user },
  connected: (room, person) => person.send('count', room.state.length),
  messages: { add: (room, _person, item) => room.state.push(item) },
})
