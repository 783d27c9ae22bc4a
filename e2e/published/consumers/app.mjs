// An app that has installed the packages, as ESM: serves one document, opens it, and prints what a browser would get.
import { once } from 'node:events'
import { isTerminal } from '@session-backend/core'
import { createMockPlatform } from '@session-backend/mock-platform'
import { useSessionBackend } from '@session-backend/react'
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
const functions = [useSessionBackend, apiRoute, routeHandlers, nodeHandler].map((each) => typeof each)
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
