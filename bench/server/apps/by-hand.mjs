// @ts-check
// What a careful person writes: authorize, check the id, call the platform with `fetch` and a deadline, check the answer.
import { createServer } from 'node:http'
import express from 'express'
import { serveForBench } from '../../shared/serve-for-bench.mjs'
import { openByHand } from './open-by-hand.mjs'

const app = express()
app.post('/api/sessions/:documentId', async (request, response) => {
  const { status, headers, body } = await openByHand(request.get('cookie'), request.params.documentId)
  response.status(status).set(headers).json(body)
})

serveForBench(createServer(app))
