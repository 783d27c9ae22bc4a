import compress from '@fastify/compress'
import { nodeHandler } from '@session-backend/server/node'
import Fastify from 'fastify'
import { ready, rewrite, sessionBackends, signIn } from './app.mjs'

const app = Fastify({ rewriteUrl: (request) => rewrite(request.url, request.headers['x-tenant']) })
const handler = nodeHandler(sessionBackends)
await app.register(compress)
app.addHook('onRequest', async (request) => signIn(request.headers))
// HEAD and OPTIONS are among them. Fastify has parsed the body by then.
app.all('/api/sessions/*', { exposeHeadRoute: false }, (request, reply) => {
  reply.hijack()
  return handler(request.raw, reply.raw)
})
await app.listen({ port: 0, host: '127.0.0.1' })
ready(app.server.address().port)
