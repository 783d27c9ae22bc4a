import { createServer } from 'node:http'
import { nodeHandler } from '@session-backend/server/node'
import Koa from 'koa'
import compress from 'koa-compress'
import { listening, rewrite, sessionBackends, signIn } from './app.mjs'

const app = new Koa()
const handler = nodeHandler(sessionBackends)
app.use(compress())
app.use(async (context) => {
  signIn(context.headers)
  context.req.url = rewrite(context.req.url, context.get('x-tenant'))
  // Koa would answer itself otherwise.
  context.respond = false
  await handler(context.req, context.res)
})
listening(createServer(app.callback()))
