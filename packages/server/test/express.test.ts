import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { expressMiddleware } from '../src/express.ts'
import { createSessionBackends, jamsocket, type SessionBackendsOptions } from '../src/index.ts'
import { listen } from './support/listen.ts'
import { BACKEND, SESSION, sendJson, startUpstream } from './support/upstream.ts'

async function setUp(options: Partial<SessionBackendsOptions> = {}) {
  const upstream = await startUpstream()
  const platform = jamsocket({ account: 'acme', service: 'editor', token: 'sekret', apiUrl: upstream.url })
  onTestFinished(() => platform.close())
  const app = express()
  app.use(
    '/api/sessions',
    expressMiddleware(createSessionBackends({ platform, authorize: () => true, ...options })),
  )
  return { upstream, app, url: await listen(app) }
}

it('spawns, fetches, and relays the statuses', async () => {
  const { upstream, url } = await setUp()
  const opened = await fetch(`${url}/api/sessions/notes%2Fdoc-1`, { method: 'POST' })
  expect([opened.status, await opened.json()]).toEqual([200, SESSION])
  expect(upstream.received).toMatchObject([{ body: { lock: 'editor/notes/doc-1' } }])

  upstream.respond = (response, request) => {
    if (request.path.endsWith('/fetch')) return sendJson({ ...BACKEND, spawned: false })(response, request)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(
      'data:{"state":"Loading","time":"2026-01-01T12:00:00Z"}\n\ndata:{"state":"Lost","time":"2026-01-01T12:00:01Z"}\n\n',
    )
  }
  const found = await fetch(`${url}/api/sessions/doc-1`)
  expect(await found.json()).toEqual({ ...SESSION, spawned: false })
  const stream = await fetch(`${url}/api/sessions/doc-1/status`)
  expect(await stream.text()).toContain('data: {"state":"Lost"')
})
