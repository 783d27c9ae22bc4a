// The same with the adapter of React Router 7.5.3, which never tells that a reader has left.
import { createServer } from 'node:http'
import { createRequestHandler } from '@react-router/express-7.5'
import express from 'express'
import { listening } from './app.mjs'
import { build } from './resource-route.mjs'
import { wrap } from './wrap.mjs'

const app = express()
app.use(wrap)
app.use(createRequestHandler({ build, mode: 'production' }))
listening(createServer(app))
