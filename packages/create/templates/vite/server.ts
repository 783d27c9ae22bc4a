// The app's server: the page, the sign-in, and the route by which the page gets its backend.
import { expressMiddleware } from '@session-backend/server/express'
import express from 'express'
import { COOKIE, nameIn, pageOf, parseName, sessionBackends } from './sessions.ts'

const app = express()
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
  const { createServer } = await import('vite')
  app.use((await createServer({ server: { middlewareMode: true } })).middlewares)
}

const port = Number(process.env.PORT ?? 3000)
app.listen(port, (error) => {
  if (error) throw error
  console.log(`The app is on http://localhost:${port}`)
})
