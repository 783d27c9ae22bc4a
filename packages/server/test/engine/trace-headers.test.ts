import { expect, it, onTestFinished } from 'vitest'
import type { Platform } from '../../src/common/platform.ts'
import { jamsocket } from '../../src/jamsocket.ts'
import { plane } from '../../src/plane.ts'
import { BACKEND, sendJson, startUpstream } from '../support/upstream.ts'

const CONNECTED = {
  backend_id: 'ba-1',
  spawned: true,
  status: 'scheduled',
  token: 'secret',
  url: 'http://localhost:9090/secret/',
  secret_token: 'more',
  status_url: 'http://127.0.0.1:8080/pub/b/ba-1/status',
  ready_url: 'http://127.0.0.1:8080/ready',
}
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const trace = { traceparent: TRACEPARENT, baggage: 'session-backend.spawn=1767268800000' }
const env = { TRACEPARENT }
const account = { account: 'acme', service: 'editor', token: 'sekret' }

const ENGINES: [name: string, answer: object, connect: (url: string) => Platform, envIn: object][] = [
  ['v1', BACKEND, (apiUrl) => jamsocket({ ...account, apiUrl }), { env }],
  [
    'v2',
    CONNECTED,
    (apiUrl) => jamsocket({ ...account, apiUrl, apiVersion: 2 }),
    { spawn: { executable: { env } } },
  ],
  [
    'Plane',
    CONNECTED,
    (controllerUrl) => plane({ controllerUrl, executable: { image: 'editor' }, token: 'sekret' }),
    { spawn_config: { executable: { env } } },
  ],
]

it.each(ENGINES)('%s gets the trace of a spawn in headers and in the environment', async (...engine) => {
  const [, answer, connect, envIn] = engine
  const upstream = await startUpstream(sendJson(answer))
  const platform = connect(upstream.url)
  onTestFinished(() => platform.close())
  await platform.spawn({ lock: 'doc', env, trace })
  await platform.spawn({ lock: 'doc' })
  const [traced, plain] = upstream.received
  expect(traced?.body).toMatchObject(envIn)
  expect(traced?.headers).toMatchObject({ ...trace, authorization: 'Bearer sekret' })
  expect(JSON.stringify(traced?.body)).not.toContain('baggage')
  expect(plain?.headers).not.toHaveProperty('traceparent')
  expect(plain?.headers).not.toHaveProperty('baggage')
})
