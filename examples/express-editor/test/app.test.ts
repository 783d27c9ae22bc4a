import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { jamsocket } from '@session-backend/server'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '../server/app.ts'

/** The app, and what it answers to who calls it by a name. */
async function startApp() {
  const app = createApp({
    engine: {
      platform: jamsocket({ account: 'a', token: 't', service: 's', apiUrl: 'http://localhost:1' }),
      pathOf: (file) => file,
      stateFolder: '/nowhere',
      dashboardUrl: 'http://localhost:1/',
    },
    documents: { list: async () => [], find: async () => undefined },
    pageFolder: '/nowhere',
    gracePeriodSeconds: 1,
  })
  const server = createServer(app).listen(0, 'localhost')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return async (host: string): Promise<number | undefined> => {
    const request = get({ host: 'localhost', port, path: '/api/documents', headers: { host }, agent: false })
    const [response]: IncomingMessage[] = await once(request, 'response')
    response?.resume()
    return response?.statusCode
  }
}

it('answers to the names of this machine only: a page elsewhere may give it another one', async () => {
  const statusFor = await startApp()
  expect(await Promise.all(['localhost:3000', '127.0.0.1', '[::1]:3000'].map(statusFor))).toEqual([
    200, 200, 200,
  ])
  expect(await Promise.all(['evil.example', 'localhost.evil.example:3000'].map(statusFor))).toEqual([
    403, 403,
  ])
})
