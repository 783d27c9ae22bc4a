import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { prepare, ready, sessionBackends } from './app.mjs'

const app = new Hono()
app.use(compress())
app.all('*', ({ req }) => sessionBackends.handle(prepare(req.raw)))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => ready(port))
