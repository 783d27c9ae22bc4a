// A resource route of React Router 7, behind its adapter for Express.
import { createServer } from 'node:http'
import { createRequestHandler } from '@react-router/express'
import express from 'express'
import { listening } from './app.mjs'
import { build } from './resource-route.mjs'
import { wrap } from './wrap.mjs'

const app = express()
// The headers and the path as React Router sees them are changed by `prepare`.
app.use(wrap)
app.use(createRequestHandler({ build, mode: 'production' }))
listening(createServer(app))
