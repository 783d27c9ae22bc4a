// Unchecked by TypeScript: what it imports is installed only for the bench.
import { Client } from 'colyseus.js'
import { servePages } from '../talk.mjs'

servePages(async (url) => {
  const room = await new Client(url).joinOrCreate('talk')
  return {
    say: (id, text) => room.send('say', { id, text }),
    onHeard: (listener) => void room.onMessage('say', (/** @type {{ id: string }} */ { id }) => listener(id)),
    close: () => void room.leave(),
  }
})
