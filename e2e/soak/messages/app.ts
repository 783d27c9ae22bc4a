import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSessionBackends, jamsocket } from '@session-backend/server'
import { nodeHandler } from '@session-backend/server/node'

/** The app's server, as its own process: it lets everybody in. */
const sessionBackends = createSessionBackends({
  platform: jamsocket.fromEnv(process.env),
  authorize: () => ({ user: 'soak' }),
  spawn: () => ({ gracePeriodSeconds: 5, env: { FOLDER: process.env.FOLDER ?? '' } }),
})
const server = createServer(nodeHandler(sessionBackends))
await once(server.listen(Number(process.env.PORT), '127.0.0.1'), 'listening')
const address = server.address()
console.log(`listening on ${typeof address === 'object' ? address?.port : ''}`)
