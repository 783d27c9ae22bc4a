import { prepare, ready, sessionBackends } from './app.mjs'

globalThis.Deno.addSignalListener('SIGUSR2', () => globalThis.gc())
globalThis.Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => ready(port) }, (request) =>
  sessionBackends.handle(prepare(request)),
)
