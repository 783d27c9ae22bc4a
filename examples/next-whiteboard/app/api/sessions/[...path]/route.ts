import { routeHandlers } from '@session-backend/server/next'
import { sessionBackends } from '../../../../lib/session-backends.ts'

export const { GET, POST, DELETE } = routeHandlers(sessionBackends)
