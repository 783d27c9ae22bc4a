// What an app says with our types; compiled as ESM, as CommonJS and for a bundler.
import { type BackendStatus, SessionBackendError } from '@session-backend/core'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { useSessionBackend } from '@session-backend/react'
import {
  createSessionBackends,
  jamsocket,
  type Platform,
  type SessionBackends,
} from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import { apiRoute, routeHandlers } from '@session-backend/server/next'
import { nodeHandler } from '@session-backend/server/node'
import express from 'express'

const platform: Platform = jamsocket.fromEnv(process.env)
export const sessionBackends: SessionBackends = createSessionBackends({
  platform,
  authorize({ request, documentId, action }) {
    if (!request.headers.has('cookie')) throw new SessionBackendError('unauthenticated', 'Sign in first.')
    return action === 'open' && documentId.startsWith('room-') ? { user: 'alice' } : null
  },
})
// @ts-expect-error: nobody may do anything by default.
createSessionBackends({ platform })

export const app = express().use('/api/sessions', expressMiddleware(sessionBackends))
export const { GET, POST, DELETE } = routeHandlers(sessionBackends)
export const handlers = [apiRoute(sessionBackends), nodeHandler(sessionBackends)]
export const start = (): Promise<MockPlatform> => createMockPlatform()
export const useStatus = (id: string): BackendStatus | undefined => {
  return useSessionBackend(id).status
}
