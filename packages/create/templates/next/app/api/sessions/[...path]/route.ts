import { routeHandlers } from '@session-backend/server/next'
import { sessionBackends } from '../../../../sessions.ts'

export const { GET, POST, DELETE } = routeHandlers(sessionBackends)
