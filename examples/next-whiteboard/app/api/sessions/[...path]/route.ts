import { routeHandlers } from '@session-backend/server/next'
import { sessionBackends } from '../../../../lib/session-backends.ts'

type Handler = ReturnType<typeof routeHandlers>['GET']

const handle =
  (method: 'GET' | 'POST' | 'DELETE'): Handler =>
  (request, context) =>
    routeHandlers(sessionBackends())[method](request, context)

export const GET = handle('GET')
export const POST = handle('POST')
export const DELETE = handle('DELETE')
