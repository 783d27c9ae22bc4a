import { prepare, ready, sessionBackends } from './app.mjs'

process.on('SIGUSR2', () => globalThis.Bun.gc(true))
const { port } = globalThis.Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  fetch: (request) => sessionBackends.handle(prepare(request)),
})
ready(port)
