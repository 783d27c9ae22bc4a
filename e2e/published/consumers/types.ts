// What an app says with our types; compiled as ESM, as CommonJS and for a bundler.
import {
  type SessionBackendError as BackendError,
  defineProtocol,
  fencedFile,
  runBackend,
} from '@session-backend/backend'
import { outdatedFencingToken } from '@session-backend/backend/storage'
import { yjs } from '@session-backend/backend/yjs'
import { type BackendStatus, SessionBackendError } from '@session-backend/core'
import { createMockPlatform, type MockPlatform } from '@session-backend/mock-platform'
import { useSessionBackend } from '@session-backend/react'
import { messages } from '@session-backend/react/messages'
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
import * as v from 'valibot'

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

const protocol = defineProtocol({ toBackend: { add: v.string() }, toPage: { list: v.array(v.string()) } })
export const useList = (id: string) =>
  useSessionBackend(id, { connect: messages(protocol) }).connection?.send('add', 'x')
export const runList = () =>
  runBackend({
    protocol,
    storage: fencedFile('lists', { schema: v.array(v.string()) }),
    open: (saved) => saved ?? [],
    authorize: ({ user }) => user !== undefined && { name: user },
    messages: {
      add(room, person, item) {
        room.state.push(`${person.data.name}: ${item}`)
        room.broadcast('list', room.state)
      },
    },
  })
export const runCounter = () =>
  runBackend({
    protocol,
    storage: fencedFile('counters', { schema: v.array(v.string()) }),
    // @ts-expect-error: a Set isn't what the storage keeps, so `save` is needed.
    open: (saved) => new Set(saved),
    authorize: () => ({}),
    messages: { add: (room) => room.changed() },
  })
export const runText = () => runBackend(yjs({ authorize: () => ({}) }))
export const refused: BackendError = outdatedFencingToken(1, 2)
