// The app: the page, who is signed in, and the route by which the page gets its backend.
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { COOKIE, nameIn, parseName, sessionBackends } from './sessions.ts'

const app = express()
app.use('/api/sessions', expressMiddleware(sessionBackends))
app.get('/api/me', (request, response) => {
  response.json({ name: nameIn(request.headers.cookie) ?? null })
})
app.post('/api/sign-in', express.urlencoded(), (request, response) => {
  const name = parseName(request.body?.name)
  if (name) response.cookie(COOKIE, name, { httpOnly: true, sameSite: 'lax', maxAge: 12 * 60 * 60 * 1000 })
  response.redirect(303, '/')
})

if (process.env.NODE_ENV === 'production') {
  app.use(express.static('dist'))
} else {
  const { createServer } = await import('vite')
  app.use((await createServer({ server: { middlewareMode: true } })).middlewares)
}

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  const address = server.address()
  console.log(`The app: http://localhost:${typeof address === 'object' ? address?.port : ''}`)
})
