// @ts-check
// The app's route, as its own process. Its parent sends the controller's URL and the image, and gets the port.
import { createServer } from 'node:http'
import { createSessionBackends } from '../../../packages/server/dist/index.js'
import { nodeHandler } from '../../../packages/server/dist/node.js'
import { plane } from '../../../packages/server/dist/plane.js'

const [controllerUrl = '', image = ''] = process.argv.slice(2)
const sessionBackends = createSessionBackends({
  platform: plane({
    controllerUrl,
    executable: { image, pullPolicy: 'Never' },
    idleSeconds: 24 * 3600,
    timeout: 60_000,
  }),
  authorize: () => ({ user: 'ada' }),
  secrets: ['a secret of the measurement'],
})
const server = createServer(nodeHandler(sessionBackends)).listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : undefined)
})
// However its parent ends.
process.once('disconnect', () => process.exit())
