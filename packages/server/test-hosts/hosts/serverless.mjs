// serverless-http turns an event of AWS Lambda into a request; an HTTP server in front stands for the gateway.

import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import serverless from 'serverless-http'
import { listening, sessionBackends } from './app.mjs'
import { middleware } from './wrap.mjs'

const app = express()
app.use(middleware, express.json())
app.use('/api/sessions', expressMiddleware(sessionBackends))
const invoke = serverless(app)
listening(
  createServer(async (request, response) => {
    const { method: httpMethod, url, headers } = request
    const { pathname: path } = new URL(url, 'http://a')
    const answer = await invoke(
      { httpMethod, path, headers, body: await text(request), requestContext: {} },
      {},
    )
    response.writeHead(answer.statusCode, answer.headers)
    response.end(Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'))
  }),
)
