import { H3, serve } from 'h3v2'
import { prepare, ready, sessionBackends } from './app.mjs'

const app = new H3().all('/**', (event) => sessionBackends.handle(prepare(event.req)))
const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true })
await server.ready()
ready(new URL(server.url).port)
