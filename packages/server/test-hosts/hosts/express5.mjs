import { createServer } from 'node:http'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { listening, sessionBackends } from './app.mjs'
import { middleware } from './wrap.mjs'

const app = express()
app.use(middleware, express.json())
app.use('/api/sessions', expressMiddleware(sessionBackends))
listening(createServer(app))
