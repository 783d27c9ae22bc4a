// The same app, as CommonJS.
const { once } = require('node:events')
const { backendAssignment, fencedFile, runBackend } = require('@session-backend/backend')
const { outdatedFencingToken } = require('@session-backend/backend/storage')
const { yjs } = require('@session-backend/backend/yjs')
const { isTerminal } = require('@session-backend/core')
const { createMockPlatform } = require('@session-backend/mock-platform')
const { useSessionBackend } = require('@session-backend/react')
const { defineProtocol, messages } = require('@session-backend/react/messages')
const { createSessionBackends, jamsocket } = require('@session-backend/server')
const { expressMiddleware } = require('@session-backend/server/express')
const { apiRoute, routeHandlers } = require('@session-backend/server/next')
const { nodeHandler } = require('@session-backend/server/node')
const express = require('express')

async function main() {
  const platform = await createMockPlatform({ services: { editor: { serve: () => {} } } })
  const { account, token, url: apiUrl } = platform
  const sessionBackends = createSessionBackends({
    platform: jamsocket({ account, token, apiUrl, service: 'editor' }),
    authorize: () => true,
  })
  const server = express().use('/api/sessions', expressMiddleware(sessionBackends)).listen(0)
  await once(server, 'listening')

  const response = await fetch(`http://127.0.0.1:${server.address().port}/api/sessions/doc`, {
    method: 'POST',
  })
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
}

main()
