// An app that has installed the packages, as ESM: serves one document, opens it, and prints what a browser would get.
import { once } from 'node:events'
import { backendAssignment, fencedFile, runBackend } from '@session-backend/backend'
import { outdatedFencingToken } from '@session-backend/backend/storage'
import { yjs } from '@session-backend/backend/yjs'
import { isTerminal } from '@session-backend/core'
import { createMockPlatform } from '@session-backend/mock-platform'
import { useSessionBackend } from '@session-backend/react'
import { defineProtocol, messages } from '@session-backend/react/messages'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { expressMiddleware } from '@session-backend/server/express'
import { apiRoute, routeHandlers } from '@session-backend/server/next'
import { nodeHandler } from '@session-backend/server/node'
import express from 'express'

const platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
const sessionBackends = createSessionBackends({
  platform: jamsocket.fromEnv(platform.env('editor')),
  authorize: () => true,
})
const server = express().use('/api/sessions', expressMiddleware(sessionBackends)).listen(0)
await once(server, 'listening')

const response = await fetch(`http://127.0.0.1:${server.address().port}/api/sessions/doc`, { method: 'POST' })
const session = await response.json()
const used = [useSessionBackend, messages, defineProtocol, apiRoute, routeHandlers, nodeHandler]
const functions = [...used, runBackend, backendAssignment, fencedFile, outdatedFencingToken, yjs].map(
  (each) => typeof each,
)
console.log(
  JSON.stringify({
    status: response.status,
    spawned: session.spawned,
    ended: isTerminal(session.status),
    functions,
  }),
)

server.close()
await sessionBackends.close()
await platform.close()
