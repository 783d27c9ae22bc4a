// The app's server: the page, the sign-in, and the route by which the page gets its backend.
import { createServer } from 'node:http'
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { COOKIE, nameIn, pageOf, parseName, sessionBackends } from './sessions.ts'

const app = express()
const server = createServer(app)
app.use('/api/sessions', expressMiddleware(sessionBackends))
app.get('/api/me', (request, response) => {
  response.json({ name: nameIn(request.headers.cookie) ?? null })
})
app.post('/api/sign-in', express.urlencoded(), (request, response) => {
  const name = parseName(request.body?.name)
  if (name) response.cookie(COOKIE, name, { httpOnly: true, sameSite: 'lax' })
  response.redirect(303, pageOf(request.body?.board))
})
app.post('/api/sign-out', (_request, response) => {
  response.clearCookie(COOKIE).redirect(303, '/')
})

if (process.env.NODE_ENV === 'production') {
  app.use(express.static('dist'))
} else {
  const vite = await import('vite')
  // Vite's WebSocket for live reload takes the app's own port, so that a tunnel to this port is enough.
  app.use((await vite.createServer({ server: { middlewareMode: { server }, hmr: { server } } })).middlewares)
}

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`The app is on http://localhost:${port}`))
