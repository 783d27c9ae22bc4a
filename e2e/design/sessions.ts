import { createSessionBackends } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import { routeHandlers } from '@session-backend/server/next'
import express from 'express'

const app = express()
declare function userOf(request: Request): Promise<{ id: string; role: string } | undefined>
declare function mayOpen(user: { id: string }, documentId: string): boolean

export const sessionBackends = createSessionBackends({
  authorize: async ({ request, documentId }) => {
    const user = await userOf(request)
    if (!user) return 'unauthenticated'
    return mayOpen(user, documentId) ? { user: user.id, auth: { role: user.role } } : 'forbidden'
  },
})
app.use('/api/sessions', expressMiddleware(sessionBackends))
export const { GET, POST, DELETE } = routeHandlers(sessionBackends)
