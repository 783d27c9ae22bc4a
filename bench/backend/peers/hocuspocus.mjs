// Unchecked by TypeScript: what it imports is installed only for the bench.
// A document of Hocuspocus: its stateless messages go to all.
import { Server } from '@hocuspocus/server'
import { reportForBench } from '../../shared/serve-for-bench.mjs'

const server = new Server({
  port: 0,
  quiet: true,
  async onStateless({ payload, document }) {
    document.broadcastStateless(payload)
  },
})
await server.listen()
reportForBench(server.address.port)
