// @ts-check
// The least that Express can do: a route that answers the same text, for every request.
import { createServer } from 'node:http'
import express from 'express'
import { serveForBench } from '../../shared/serve-for-bench.mjs'

const session = {
  name: '8nyg2',
  url: 'https://8nyg2.p.example.test/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  readyUrl: 'https://api.example.test/ready/8nyg2/eqYLfYmVbdIwSukbIxiFJNAjKz8KJLECmfYMQfqSgKs/',
  statusUrl: 'https://api.example.test/backend/8nyg2/status',
  status: 'Ready',
  spawned: false,
}

const app = express()
app.post('/api/sessions/:documentId', (_request, response) => {
  response.json(session)
})

serveForBench(createServer(app))
