// @ts-check
// The backend of a document, which says something to each page that comes.
import { runBackend } from '@session-backend/backend'

await runBackend({
  open: () => undefined,
  authorize: () => ({}),
  connected: (_room, person) => person.send('Welcome'),
  message: () => {},
})
