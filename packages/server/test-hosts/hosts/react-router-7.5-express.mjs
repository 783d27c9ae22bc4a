// React Router 7.5.3 as docs/hosts.md advises: the routes are mounted before its handler, which serves all other paths.
import { createServer } from 'node:http'
import { createRequestHandler } from '@react-router/express-7.5'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { listening, sessionBackends } from './app.mjs'
import { build } from './resource-route.mjs'
import { middleware } from './wrap.mjs'

const app = express()
app.use(middleware)
app.use('/api/sessions', express.json(), expressMiddleware(sessionBackends))
app.use(createRequestHandler({ build, mode: 'production' }))
listening(createServer(app))
