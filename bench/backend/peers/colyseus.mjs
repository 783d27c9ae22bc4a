// Unchecked by TypeScript: what it imports is installed only for the bench.
// A room of Colyseus: what one page says goes to all.
import { Room, Server } from '@colyseus/core'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { reportForBench } from '../../shared/serve-for-bench.mjs'

class Talk extends Room {
  maxClients = 1_000
  onCreate() {
    this.onMessage('say', (_client, said) => this.broadcast('say', said))
  }
}

const transport = new WebSocketTransport()
const server = new Server({ transport, greet: false })
server.define('talk', Talk)
await server.listen(0)
const address = transport.server.address()
reportForBench(typeof address === 'object' && address ? address.port : 0)
