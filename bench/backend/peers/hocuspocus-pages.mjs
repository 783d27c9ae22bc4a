// Unchecked by TypeScript: what it imports is installed only for the bench.
import { HocuspocusProvider } from '@hocuspocus/provider'
import { WebSocket } from 'ws'
import { servePages } from '../talk.mjs'

servePages(async (url) => {
  const provider = new HocuspocusProvider({ url, name: 'talk', WebSocketPolyfill: WebSocket })
  await new Promise((resolve) => provider.on('synced', resolve))
  return {
    say: (id, text) => provider.sendStateless(JSON.stringify({ id, text })),
    onHeard: (listener) =>
      void provider.on('stateless', (/** @type {{ payload: string }} */ { payload }) =>
        listener(JSON.parse(payload).id),
      ),
    close: () => provider.destroy(),
  }
})
