// @ts-check
// The same route with @session-backend/server.
import { createServer } from 'node:http'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const sessionBackends = createSessionBackends({
  platform: jamsocket({
    account: 'acme',
    service: 'editor',
    token: 'sekret',
    apiUrl: process.env.PLATFORM_URL,
  }),
  authorize: ({ request }) => request.headers.get('cookie')?.includes('session=') ?? false,
})

const app = express()
app.use('/api/sessions', expressMiddleware(sessionBackends))

serveForBench(createServer(app))
