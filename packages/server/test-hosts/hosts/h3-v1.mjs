// h3 1, which Nitro 2 and Nuxt are built on.

import { createServer } from 'node:http'
import { nodeHandler } from '@session-backend/server/node'
import { createApp, eventHandler, fromNodeMiddleware, readBody, toNodeListener } from 'h3'
import { listening, rewrite, sessionBackends, signIn } from './app.mjs'

const app = createApp()
const routes = fromNodeMiddleware(nodeHandler(sessionBackends))
app.use(
  eventHandler(async (event) => {
    const { req } = event.node
    signIn(req.headers)
    if (req.headers['x-parse']) await readBody(event)
    // In the handler itself: h3 sets the URL again before each one.
    req.url = rewrite(req.url, req.headers['x-tenant'])
    return routes(event)
  }),
)
listening(createServer(toNodeListener(app)))
