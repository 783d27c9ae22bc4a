// The same app, as CommonJS.
const { once } = require('node:events')
const { isTerminal } = require('@session-backend/core')
const { createMockPlatform } = require('@session-backend/mock-platform')
const { useSessionBackend } = require('@session-backend/react')
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
}

main()
