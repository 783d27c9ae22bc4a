// @ts-check
// The app: its pages, and a route for each of the two platforms.
import { createServer } from 'node:http'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const { PAGES = '', COLD_URL, WARM_URL } = process.env

/** @param {string | undefined} apiUrl */
const route = (apiUrl) =>
  expressMiddleware(
    createSessionBackends({
      platform: jamsocket({ account: 'acme', service: 'room', token: 'sekret', apiUrl }),
      authorize: () => true,
    }),
  )

const app = express()
app.use('/api/cold', route(COLD_URL))
app.use('/api/warm', route(WARM_URL))
app.use(express.static(PAGES))

serveForBench(createServer(app))
