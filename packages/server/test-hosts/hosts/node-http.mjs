import { createServer } from 'node:http'
import { nodeHandler } from '@session-backend/server/node'
import { listening, sessionBackends } from './app.mjs'
import { middleware } from './wrap.mjs'

const handler = nodeHandler(sessionBackends)
listening(
  createServer((request, response) => middleware(request, response, () => handler(request, response))),
)
